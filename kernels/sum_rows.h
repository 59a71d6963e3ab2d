// Column sums: the gradient of a bias.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// Sum over all but the last dimension of x (..., C), f32 or bf16: (C), f32, accumulated in double.
Tensor sum_rows(const Tensor& x);

namespace cpu {
/// x: f32.
void sum_rows(const Tensor& x, Tensor& sums);
}  // namespace cpu

namespace cuda {
void sum_rows(const Tensor& x, Tensor& sums);
}  // namespace cuda

}  // namespace tern::kernels
