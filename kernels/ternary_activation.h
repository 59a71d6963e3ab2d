// Ternary activation with a straight-through gradient (STTN, section 3.3; official code: TernaryActive).
//
//   y = -1 for x < -0.5, 0 for -0.5 <= x < 0.5, +1 for x >= 0.5;   dx = dy * [|x| <= 1]
//
// x f32, any shape. A NaN becomes 0 and gets no gradient; the batch norm before it reports NaNs.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

struct TernaryActivationResult {
  Tensor y;  // i8 in {-1, 0, +1}, of the shape of x
  Tensor
      mask;  // i64 (ceil(numel / 64)): bit i % 64 of word i / 64 is [|x_i| <= 1], bits beyond numel are zero
};

TernaryActivationResult ternary_activation(const Tensor& x);
/// dx, f32, for dy f32 of the shape of y.
Tensor ternary_activation_backward(const Tensor& dy, const Tensor& mask);

/// The same with y = -1 for x < 0, else +1 (BinaryNet, Courbariaux et al. 2016, section 1.3); a NaN becomes
/// +1. Its backward is ternary_activation_backward.
TernaryActivationResult binary_activation(const Tensor& x);

namespace cpu {
void ternary_activation(const Tensor& x, Tensor& y, Tensor& mask);
void binary_activation(const Tensor& x, Tensor& y, Tensor& mask);
void ternary_activation_backward(const Tensor& dy, const Tensor& mask, Tensor& dx);
}  // namespace cpu

namespace cuda {
void ternary_activation(const Tensor& x, Tensor& y, Tensor& mask);
void binary_activation(const Tensor& x, Tensor& y, Tensor& mask);
void ternary_activation_backward(const Tensor& dy, const Tensor& mask, Tensor& dx);
}  // namespace cuda

}  // namespace tern::kernels
