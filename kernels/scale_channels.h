// A factor and an optional bias per channel: y = 2 * alpha * z + b after a ternary convolution.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// y = x * scale + bias over the last dimension; without bias if it is undefined.
/// x: f32, i16 or i32 (..., C) of rank 2 or more, C >= 1; scale, bias: f32 (C,); y: f32. Product and sum are
/// rounded separately; integers must be exact in f32.
Tensor scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias);

/// The gradient of scale, (C,): the sum of dy * x over the rows. dy: f32, of the shape of x.
Tensor scale_channels_backward_scale(const Tensor& dy, const Tensor& x);

namespace cpu {
void scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias, Tensor& y);
void scale_channels_backward_scale(const Tensor& dy, const Tensor& x, Tensor& dscale);
}  // namespace cpu

namespace cuda {
void scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias, Tensor& y);
void scale_channels_backward_scale(const Tensor& dy, const Tensor& x, Tensor& dscale);
}  // namespace cuda

}  // namespace tern::kernels
