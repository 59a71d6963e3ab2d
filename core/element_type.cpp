#include "tern/core/element_type.h"

#include <cstring>

#include "tern/core/bfloat16.h"
#include "tern/core/float16.h"

namespace tern {
namespace {

template <class Stored, class Value>
void convert(const void* elements, Tensor& tensor, Value value_of) {
  const auto* next = static_cast<const char*>(elements);
  float* values = tensor.data<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i, next += sizeof(Stored)) {
    Stored stored;
    std::memcpy(&stored, next, sizeof stored);
    values[i] = value_of(stored);
  }
}

}  // namespace

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
  switch (type) {
    case ElementType::f64:
      convert<double>(elements, tensor, [](double x) { return static_cast<float>(x); });
      break;
    case ElementType::f16:
      convert<std::uint16_t>(elements, tensor, float16_value);
      break;
    case ElementType::bf16:
      convert<bfloat16>(elements, tensor, to_float<bfloat16>);
      break;
    default:
      if (tensor.nbytes() > 0) std::memcpy(tensor.raw(), elements, tensor.nbytes());
  }
  return tensor;
}

}  // namespace tern
