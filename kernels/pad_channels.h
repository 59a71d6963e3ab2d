// Zero channels appended to images: the shortcut of a block that widens the network.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// x (N, H, W, C) -> (N, H, W, channels) with zeros in the appended channels; f32 or bf16. Throws ShapeError
/// if channels < C.
Tensor pad_channels(const Tensor& x, std::int64_t channels);

/// The first `channels` channels of dy (N, H, W, C2), channels <= C2: the gradient of pad_channels.
Tensor pad_channels_backward(const Tensor& dy, std::int64_t channels);

namespace cpu {
void pad_channels(const Tensor& x, Tensor& y);
void pad_channels_backward(const Tensor& dy, Tensor& dx);
}  // namespace cpu

namespace cuda {
void pad_channels(const Tensor& x, Tensor& y);
void pad_channels_backward(const Tensor& dy, Tensor& dx);
}  // namespace cuda

}  // namespace tern::kernels
