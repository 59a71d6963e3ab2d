#pragma once

#include "tern/kernels/pool_window.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

/// Maximum over each window of x (N, H, W, C); padding never wins. The gradient goes to the first maximum of
/// the window.
Variable max_pool2d(const Variable& x, const kernels::PoolWindow& window);

}  // namespace tern
