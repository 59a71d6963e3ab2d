// Average pooling over square windows, as torch.nn.AvgPool2d with its defaults.
#pragma once

#include "tern/kernels/pool_window.h"

namespace tern::kernels {

/// y (N, OH, OW, C) = mean over each window of x, f32 (N, H, W, C); padding counts as zeros
/// (count_include_pad), so the divisor is always size^2.
Tensor avg_pool2d(const Tensor& x, const PoolWindow& window);

/// dx, f32 of shape `images`: each dy (N, OH, OW, C) / size^2 goes to all positions of its window.
Tensor avg_pool2d_backward(const Tensor& dy, const Shape& images, const PoolWindow& window);

namespace cpu {
void avg_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y);
void avg_pool2d_backward(const Tensor& dy, const PoolWindow& window, Tensor& dx);
}  // namespace cpu

namespace cuda {
void avg_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y);
void avg_pool2d_backward(const Tensor& dy, const PoolWindow& window, Tensor& dx);
}  // namespace cuda

}  // namespace tern::kernels
