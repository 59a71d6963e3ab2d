// Argument checks of operations on packed ternary values and on the integers of a ternary convolution.
#pragma once

#include "tern/core/packed_ternary.h"
#include "tern/kernels/common/check.h"

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

}  // namespace tern::kernels
