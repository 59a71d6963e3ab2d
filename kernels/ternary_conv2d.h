// The convolution of ternary activations with ternary weights, and its gradients.
//
// x (N, H, W, I) and t (O, KH, KW, I) hold values in {-1, 0, +1} as f32; z = conv2d(x, t) (N, HO, WO, O) is
// an integer with |z| <= KH * KW * I, exact to the bit on every device. Both binary branches see the same x
// and share alpha, so that their sum alpha * conv(x, B1) + alpha * conv(x, B2) = 2 * alpha * conv(x, T) with
// T = (B1 + B2) / 2 needs one convolution forward, one for dx and one for dT (STTN, Xu et al. 2020, section
// 3).
#pragma once

#include "core/tensor.h"
#include "kernels/conv2d.h"

namespace tern::kernels {

Tensor ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters);

/// dL/dx for dz = dL/dz, real numbers.
Tensor ternary_conv2d_backward_data(const Tensor& dz, const Tensor& t, const Shape& x_shape,
                                    const Conv2dParameters& parameters);

/// dL/dT for dz = dL/dz, real numbers.
Tensor ternary_conv2d_backward_weights(const Tensor& dz, const Tensor& x, const Shape& t_shape,
                                       const Conv2dParameters& parameters);

namespace cpu {
void ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters, Tensor& z);
void ternary_conv2d_backward_data(const Tensor& dz, const Tensor& t, const Conv2dParameters& parameters,
                                  Tensor& dx);
void ternary_conv2d_backward_weights(const Tensor& dz, const Tensor& x, const Conv2dParameters& parameters,
                                     Tensor& dt);
}  // namespace cpu

}  // namespace tern::kernels
