// Element-wise sums: residual connections and the accumulation of gradients.
#pragma once

#include "core/tensor.h"

namespace tern::kernels {

/// a + b. Both f32, same shape, any rank.
Tensor add(const Tensor& a, const Tensor& b);

/// total += x in place. Both f32, same shape.
void accumulate(Tensor& total, const Tensor& x);

namespace cpu {
void add(const Tensor& a, const Tensor& b, Tensor& y);
void accumulate(Tensor& total, const Tensor& x);
}  // namespace cpu

namespace cuda {
void add(const Tensor& a, const Tensor& b, Tensor& y);
void accumulate(Tensor& total, const Tensor& x);
}  // namespace cuda

}  // namespace tern::kernels
