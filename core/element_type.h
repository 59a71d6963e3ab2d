// Tensors of the element types of files that other programs wrote (float_elements.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "tern/core/float_elements.h"
#include "tern/core/tensor.h"

namespace tern {

/// Size of one element in bytes.
constexpr std::size_t size_of(ElementType type) {
  switch (type) {
    case ElementType::f64:
    case ElementType::i64:
      return 8;
    case ElementType::f32:
    case ElementType::i32:
      return 4;
    case ElementType::f16:
    case ElementType::bf16:
    case ElementType::i16:
      return 2;
    default:
      return 1;
  }
}

/// The dtype of a tensor that is read from such elements: f32 for every float, u8 for booleans, else the
/// same.
DType dtype_read(ElementType type);

/// A tensor of dtype_read(type) on the CPU from little-endian elements, which need not be aligned. What is
/// beyond the numbers of f32 becomes infinite.
Tensor convert_elements(ElementType type, const void* elements, const Shape& shape);

}  // namespace tern
