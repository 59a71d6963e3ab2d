// Element-wise sums: residual connections and the accumulation of gradients.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// a + b. Both f32 or both bf16, same shape, any rank.
Tensor add(const Tensor& a, const Tensor& b);

/// total += x in place. Both f32 or both bf16, same shape.
void accumulate(Tensor& total, const Tensor& x);

namespace cpu {
/// y may be a.
void add(const Tensor& a, const Tensor& b, Tensor& y);
}  // namespace cpu

namespace cuda {
void add(const Tensor& a, const Tensor& b, Tensor& y);
}  // namespace cuda

}  // namespace tern::kernels
