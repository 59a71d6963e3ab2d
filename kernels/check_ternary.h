// Argument checks of operations on packed ternary values and on the integers of a ternary convolution.
#pragma once

#include "core/packed_ternary.h"
#include "kernels/check.h"

namespace tern::kernels {

inline void check_packed(const char* op, const char* argument, const PackedTernary& packed) {
  require<ShapeError>(packed.defined(), "{}: {} is undefined", op, argument);
}

/// Throws ShapeError unless z holds integers as ternary_conv2d gives them: i16 or i32.
inline void check_integers(const char* op, const char* argument, const Tensor& z) {
  require<ShapeError>(z.defined(), "{}: {} is undefined", op, argument);
  require<ShapeError>(z.dtype() == DType::i16 || z.dtype() == DType::i32, "{}: {} is {}, expected i16 or i32",
                      op, argument, z.dtype());
}

/// Throws ShapeError unless x holds numbers: f32 or integers.
inline void check_numbers(const char* op, const char* argument, const Tensor& x) {
  if (x.defined() && x.dtype() == DType::f32) return;
  check_integers(op, argument, x);
}

/// Throws ShapeError unless `tensor` is f32 and of the shape of `other`: what meets integers as numbers.
inline void check_f32_like(const char* op, const char* argument, const Tensor& tensor, const char* other_name,
                           const Tensor& other) {
  check_f32(op, argument, tensor, other.shape().rank());
  require<ShapeError>(tensor.shape() == other.shape(), "{}: {} is {} but {} is {}", op, argument,
                      tensor.shape(), other_name, other.shape());
}

}  // namespace tern::kernels
