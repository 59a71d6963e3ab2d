// The mean over all pixels of each image: the head of a ResNet.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// y (N, C), f32: the mean over H and W of x, f32 or bf16 (N, H, W, C) with H, W >= 1.
Tensor global_avg_pool2d(const Tensor& x);

/// dx, of shape `images` (N, H, W, C) and of `dtype`, that of x: dy, f32 (N, C), / (H * W) at every pixel.
Tensor global_avg_pool2d_backward(const Tensor& dy, const Shape& images, DType dtype);

namespace cpu {
void global_avg_pool2d(const Tensor& x, Tensor& y);
void global_avg_pool2d_backward(const Tensor& dy, Tensor& dx);
}  // namespace cpu

namespace cuda {
void global_avg_pool2d(const Tensor& x, Tensor& y);
void global_avg_pool2d_backward(const Tensor& dy, Tensor& dx);
}  // namespace cuda

}  // namespace tern::kernels
