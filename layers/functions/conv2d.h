#pragma once

#include "tern/kernels/conv2d.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

using kernels::Conv2dParameters;

/// Float convolution: x (N, H, W, I), f32 or bf16, w (O, KH, KW, I), bias (O) or undefined; see
/// kernels/conv2d.h. w is f32, and so is its gradient; the product with a bf16 x takes w rounded to bf16,
/// but with a bias all is computed in f32 and y rounded to bf16.
/// Ternary values x (i8) become kernels::activation_dtype() first.
Variable conv2d(const Variable& x, const Variable& w, const Variable& bias,
                const Conv2dParameters& parameters);

}  // namespace tern
