#pragma once

#include "tern/kernels/pool_window.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

/// Mean over each window of x (N, H, W, C), f32 or bf16, padding counted as zeros. The gradient is spread
/// evenly over the window.
Variable avg_pool2d(const Variable& x, const kernels::PoolWindow& window);

}  // namespace tern
