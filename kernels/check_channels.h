// Argument checks of operations on (..., C) tensors of any rank: channels last, all else is rows.
#pragma once

#include "kernels/check.h"

namespace tern::kernels {

/// Throws ShapeError unless `tensor` is f32 with at least two dimensions and at least one channel.
/// Returns the number of channels.
inline std::int64_t check_channels_last(const char* op, const char* argument, const Tensor& tensor) {
  require<ShapeError>(tensor.defined(), "{}: {} is undefined", op, argument);
  require<ShapeError>(tensor.dtype() == DType::f32, "{}: {} is {}, expected f32", op, argument,
                      tensor.dtype());
  require<ShapeError>(tensor.shape().rank() >= 2 && tensor.dim(-1) >= 1,
                      "{}: {} is {}, expected two or more dimensions with channels last", op, argument,
                      tensor.shape());
  return tensor.dim(-1);
}

}  // namespace tern::kernels
