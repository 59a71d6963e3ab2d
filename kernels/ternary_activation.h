// Ternary activation with a straight-through gradient (STTN, section 3.3; official code: TernaryActive).
//
//   y = -1 for x < -0.5, 0 for -0.5 <= x < 0.5, +1 for x >= 0.5;   dx = dy * [|x| <= 1]
//
// f32, any shape. A NaN becomes 0 and gets no gradient; the batch norm before it reports NaNs.
#pragma once

#include "core/tensor.h"

namespace tern::kernels {

Tensor ternary_activation(const Tensor& x);
Tensor ternary_activation_backward(const Tensor& dy, const Tensor& x);

namespace cpu {
void ternary_activation(const Tensor& x, Tensor& y);
void ternary_activation_backward(const Tensor& dy, const Tensor& x, Tensor& dx);
}  // namespace cpu

}  // namespace tern::kernels
