#include "tern/core/element_type.h"

#include <cstring>

namespace tern {
DType dtype_read(ElementType type) {
  switch (type) {
    case ElementType::i64:
      return DType::i64;
    case ElementType::i32:
      return DType::i32;
    case ElementType::i16:
      return DType::i16;
    case ElementType::i8:
      return DType::i8;
    case ElementType::u8:
    case ElementType::boolean:
      return DType::u8;
    default:
      return DType::f32;
  }
}

Tensor convert_elements(ElementType type, const void* elements, const Shape& shape) {
  Tensor tensor = Tensor::empty(shape, dtype_read(type));
  if (tensor.dtype() == DType::f32) {
    convert_floats(type, elements, static_cast<std::size_t>(tensor.numel()), tensor.data<float>());
  } else if (tensor.nbytes() > 0) {
    std::memcpy(tensor.raw(), elements, tensor.nbytes());
  }
  return tensor;
}

}  // namespace tern
