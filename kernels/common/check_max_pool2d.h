// Argument checks shared by the max pool and the fused operation that contains one.
#pragma once

#include "tern/kernels/common/check_float.h"
#include "tern/kernels/pool_window.h"

namespace tern::kernels {

/// Throws ShapeError for a window whose positions do not fit into the bytes of an argmax.
inline void check_window(const char* op, const PoolWindow& window) {
  require<ShapeError>(window.size <= 16, "{}: window size {} is beyond the maximum of 16", op, window.size);
}

/// Throws ShapeError unless argmax is of the shape `pooled`.
inline void check_argmax(const char* op, const Tensor& argmax, const Shape& pooled) {
  require<ShapeError>(argmax.defined() && argmax.dtype() == DType::u8 && argmax.shape() == pooled,
                      "{}: argmax is {} {}, expected u8 {}", op, argmax.dtype(), argmax.shape(), pooled);
}

}  // namespace tern::kernels
