// Argument checks of operations on float activations, f32 or bf16.
#pragma once

#include "tern/kernels/common/check.h"

namespace tern::kernels {

/// Throws ShapeError unless `tensor` is defined, f32 or bf16, and of the given rank.
inline void check_float(const char* op, const char* argument, const Tensor& tensor, int rank) {
  if (tensor.defined() && tensor.dtype() == DType::bf16) {
    return check_tensor(op, argument, tensor, DType::bf16, rank);
  }
  require<ShapeError>(!tensor.defined() || tensor.dtype() == DType::f32, "{}: {} is {}, expected f32 or bf16",
                      op, argument, tensor.dtype());
  check_f32(op, argument, tensor, rank);
}

/// Throws ShapeError unless `tensor` is f32 or bf16 and of the shape of `other`.
inline void check_float_like(const char* op, const char* argument, const Tensor& tensor,
                             const char* other_name, const Tensor& other) {
  check_float(op, argument, tensor, other.shape().rank());
  require<ShapeError>(tensor.shape() == other.shape(), "{}: {} is {} but {} is {}", op, argument,
                      tensor.shape(), other_name, other.shape());
}

}  // namespace tern::kernels
