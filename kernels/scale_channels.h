// A constant factor and an optional bias per channel: y = 2 * alpha * z + b after a ternary convolution.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// y = x * scale + bias over the last dimension; without bias if it is undefined.
/// x: f32, i16 or i32 (..., C) of rank 2 or more, C >= 1; scale, bias: f32 (C,); y: f32. Product and sum are
/// rounded separately; integers must be exact in f32.
Tensor scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias);

namespace cpu {
void scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias, Tensor& y);
}  // namespace cpu

namespace cuda {
void scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias, Tensor& y);
}  // namespace cuda

}  // namespace tern::kernels
