#pragma once

#include "tern/kernels/pool_window.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

/// Maximum over each window of x (N, H, W, C); padding never wins. The gradient goes to the first maximum of
/// the window.
Variable max_pool2d(const Variable& x, const kernels::PoolWindow& window);

/// pad_channels(max_pool2d(x, window), channels), without the tensor in between, forward and backward.
Variable max_pool2d_pad_channels(const Variable& x, const kernels::PoolWindow& window, std::int64_t channels);

}  // namespace tern
