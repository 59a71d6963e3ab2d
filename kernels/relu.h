// Rectified linear unit.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// y = 0 where x < 0, else x: a NaN stays. f32 or bf16, any shape.
Tensor relu(const Tensor& x);

/// dx = dy where y > 0, else 0; y is the output of relu. dx is written into the storage of dy if no other
/// handle shares it.
Tensor relu_backward(Tensor dy, const Tensor& y);

namespace cpu {
void relu(const Tensor& x, Tensor& y);
/// dx may be dy.
void relu_backward(const Tensor& dy, const Tensor& y, Tensor& dx);
}  // namespace cpu

namespace cuda {
void relu(const Tensor& x, Tensor& y);
void relu_backward(const Tensor& dy, const Tensor& y, Tensor& dx);
}  // namespace cuda

}  // namespace tern::kernels
