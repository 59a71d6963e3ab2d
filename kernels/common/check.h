// Argument checks that the contract functions of kernels/*.h share.
#pragma once

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/core/tensor.h"

namespace tern::kernels {

/// Throws ShapeError unless `tensor` is defined, of the given dtype and of the given rank.
inline void check_tensor(const char* op, const char* argument, const Tensor& tensor, DType dtype, int rank) {
  require<ShapeError>(tensor.defined(), "{}: {} is undefined", op, argument);
  require<ShapeError>(tensor.dtype() == dtype, "{}: {} is {}, expected {}", op, argument, tensor.dtype(),
                      dtype);
  require<ShapeError>(tensor.shape().rank() == rank, "{}: {} is {}, expected {} dimensions", op, argument,
                      tensor.shape(), rank);
}

inline void check_f32(const char* op, const char* argument, const Tensor& tensor, int rank) {
  check_tensor(op, argument, tensor, DType::f32, rank);
}

/// Throws ShapeError unless `tensor` is a f32 vector of `size` elements: one value per channel.
inline void check_per_channel(const char* op, const char* argument, const Tensor& tensor, std::int64_t size) {
  check_f32(op, argument, tensor, 1);
  require<ShapeError>(tensor.dim(0) == size, "{}: {} is {}, expected one value for each of {} channels", op,
                      argument, tensor.shape(), size);
}

/// Throws ShapeError unless `tensor` is f32 with two or more dimensions, filters first.
inline void check_filters(const char* op, const char* argument, const Tensor& tensor) {
  check_f32(op, argument, tensor, tensor.shape().rank());
  require<ShapeError>(tensor.shape().rank() >= 2, "{}: {} is {}, expected (O, KH, KW, I) or (O, I)", op,
                      argument, tensor.shape());
}

/// Throws ShapeError unless `b` has the shape and dtype of `a`.
inline void check_same(const char* op, const char* name_a, const Tensor& a, const char* name_b,
                       const Tensor& b) {
  require<ShapeError>(a.defined() && b.defined(), "{}: {} or {} is undefined", op, name_a, name_b);
  require<ShapeError>(a.shape() == b.shape() && a.dtype() == b.dtype(), "{}: {} is {} {} but {} is {} {}", op,
                      name_a, a.dtype(), a.shape(), name_b, b.dtype(), b.shape());
}

}  // namespace tern::kernels
