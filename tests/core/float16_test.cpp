#include "tern/core/float16.h"

#include <cmath>
#include <cstring>

#include "tern/core/element_type.h"
#include "tests/support/catch.h"

using namespace tern;

TEST_CASE("float16: normal, subnormal, infinite and negative values") {
  CHECK(float16_value(0x3c00) == 1.0F);
  CHECK(float16_value(0xc100) == -2.5F);
  CHECK(float16_value(0x3555) == 0.333251953125F);
  CHECK(float16_value(0x7bff) == 65504.0F);
  CHECK(float16_value(0x0400) == 0x1p-14F);
  CHECK(float16_value(0x03ff) == 0x1.ff8p-15F);
  CHECK(float16_value(0x8001) == -0x1p-24F);
  CHECK((float16_value(0x8000) == 0 && std::signbit(float16_value(0x8000))));
  CHECK(float16_value(0x7c00) == INFINITY);
  CHECK(float16_value(0xfc00) == -INFINITY);
  CHECK(std::isnan(float16_value(0x7e00)));
}

TEST_CASE("convert_elements: elements that are not aligned, and doubles beyond the numbers of f32") {
  const double values[] = {0.1, -1e300, 3};
  std::vector<char> bytes(1 + sizeof values);
  std::memcpy(bytes.data() + 1, values, sizeof values);
  const Tensor tensor = convert_elements(ElementType::f64, bytes.data() + 1, {3});
  CHECK(tensor.to_vector<float>() == std::vector<float>{0.1F, -INFINITY, 3});
}
