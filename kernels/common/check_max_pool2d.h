// Argument checks shared by the max pool and the fused operation that contains one.
#pragma once

#include "tern/kernels/common/check_float.h"
#include "tern/kernels/pool_window.h"

namespace tern::kernels {

/// Throws ShapeError for a window whose positions do not fit into the bytes of an argmax.
inline void check_window(const char* op, const PoolWindow& window) {
  require<ShapeError>(window.size <= 16, "{}: window size {} is beyond the maximum of 16", op, window.size);
}

/// Throws ShapeError unless dy, float, and argmax are of the shape `pooled`.
inline void check_pooled_gradient(const char* op, const Tensor& dy, const Tensor& argmax,
                                  const Shape& pooled) {
  check_float(op, "dy", dy, 4);
  require<ShapeError>(dy.shape() == pooled, "{}: dy is {}, expected {}", op, dy.shape(), pooled);
  require<ShapeError>(argmax.defined() && argmax.dtype() == DType::u8 && argmax.shape() == pooled,
                      "{}: argmax is {} {}, expected u8 {}", op, argmax.dtype(), argmax.shape(), pooled);
}

}  // namespace tern::kernels
