// Pooling as its definition reads: one loop per dimension.
#pragma once

#include "tern/kernels/pool_window.h"

namespace tern::reference {

Tensor max_pool2d(const Tensor& x, const kernels::PoolWindow& window);
Tensor avg_pool2d(const Tensor& x, const kernels::PoolWindow& window);

/// Gradients, given dy of the pooled shape.
Tensor max_pool2d_backward(const Tensor& dy, const Tensor& x, const kernels::PoolWindow& window);
Tensor avg_pool2d_backward(const Tensor& dy, const Tensor& x, const kernels::PoolWindow& window);

}  // namespace tern::reference
