// Argument checks of operations on (..., C) tensors of any rank: channels last, all else is rows.
#pragma once

#include "tern/kernels/common/check_float.h"

namespace tern::kernels {

/// Throws ShapeError unless `tensor` has at least two dimensions and at least one channel. Returns the number
/// of channels.
inline std::int64_t check_rows_of_channels(const char* op, const char* argument, const Tensor& tensor) {
  require<ShapeError>(tensor.shape().rank() >= 2 && tensor.dim(-1) >= 1,
                      "{}: {} is {}, expected two or more dimensions with channels last", op, argument,
                      tensor.shape());
  return tensor.dim(-1);
}

/// The same for f32 and bf16 tensors: throws ShapeError for any other dtype.
inline std::int64_t check_channels_last(const char* op, const char* argument, const Tensor& tensor) {
  check_float(op, argument, tensor, tensor.shape().rank());
  return check_rows_of_channels(op, argument, tensor);
}

}  // namespace tern::kernels
