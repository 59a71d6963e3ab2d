// Max pooling over square windows, as torch.nn.MaxPool2d with ceil_mode off.
#pragma once

#include "tern/kernels/pool_window.h"

namespace tern::kernels {

struct MaxPool2dResult {
  Tensor y;       ///< (N, OH, OW, C), of the dtype of x
  Tensor argmax;  ///< u8 (N, OH, OW, C): position kh * size + kw of the maximum in its window
};

/// y = maximum over each window of x, f32 or bf16 (N, H, W, C); padding never wins. Among equal values the
/// first in row-major order is the maximum. A NaN in the window makes y NaN. Throws ShapeError for a window
/// of more than 256 positions, which argmax could not hold.
MaxPool2dResult max_pool2d(const Tensor& x, const PoolWindow& window);

/// pad_channels(max_pool2d(x, window).y, channels) in one pass: y is (N, OH, OW, channels). Throws ShapeError
/// if channels < C.
MaxPool2dResult max_pool2d_pad_channels(const Tensor& x, const PoolWindow& window, std::int64_t channels);

/// dx, of shape `images` and of the dtype of dy: each dy (N, OH, OW, C) goes to the position that `argmax`
/// names. dy may have more channels, which are those of padding and not read.
Tensor max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const Shape& images,
                           const PoolWindow& window);

// y may have more channels than x.
namespace cpu {
void max_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y, Tensor& argmax);
void max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const PoolWindow& window, Tensor& dx);
}  // namespace cpu

namespace cuda {
void max_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y, Tensor& argmax);
void max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const PoolWindow& window, Tensor& dx);
}  // namespace cuda

}  // namespace tern::kernels
