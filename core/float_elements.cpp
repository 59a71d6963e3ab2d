#include "tern/core/float_elements.h"

#include <cstring>

#include "tern/core/bfloat16.h"
#include "tern/core/error.h"
#include "tern/core/float16.h"

namespace tern {
namespace {

template <class Stored, class Value>
void convert(const void* elements, std::size_t count, float* values, Value value_of) {
  const auto* next = static_cast<const char*>(elements);
  for (std::size_t i = 0; i < count; ++i, next += sizeof(Stored)) {
    Stored stored;
    std::memcpy(&stored, next, sizeof stored);
    values[i] = value_of(stored);
  }
}

}  // namespace

void convert_floats(ElementType type, const void* elements, std::size_t count, float* values) {
  switch (type) {
    case ElementType::f64:
      return convert<double>(elements, count, values, [](double x) { return static_cast<float>(x); });
    case ElementType::f32:
      return convert<float>(elements, count, values, [](float x) { return x; });
    case ElementType::f16:
      return convert<std::uint16_t>(elements, count, values, float16_value);
    case ElementType::bf16:
      return convert<bfloat16>(elements, count, values, to_float<bfloat16>);
    default:
      throw Error("convert_floats: the elements are no floats");
  }
}

}  // namespace tern
