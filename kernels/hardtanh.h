// The hard hyperbolic tangent, torch.nn.Hardtanh().
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// y = x limited to [-1, 1]: a NaN stays. f32 or bf16, any shape.
Tensor hardtanh(const Tensor& x);

/// dx = dy where |y| < 1, else 0; y is the output of hardtanh. dx is written into the storage of dy if no
/// other handle shares it.
Tensor hardtanh_backward(Tensor dy, const Tensor& y);

namespace cpu {
void hardtanh(const Tensor& x, Tensor& y);
/// dx may be dy.
void hardtanh_backward(const Tensor& dy, const Tensor& y, Tensor& dx);
}  // namespace cpu

namespace cuda {
void hardtanh(const Tensor& x, Tensor& y);
void hardtanh_backward(const Tensor& dy, const Tensor& y, Tensor& dx);
}  // namespace cuda

}  // namespace tern::kernels
