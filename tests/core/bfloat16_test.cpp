#include "tern/core/bfloat16.h"

#include <cmath>
#include <limits>

#include "tests/support/catch.h"

using namespace tern;

namespace {

constexpr std::uint32_t kPatterns = 1U << 16;

float float_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

std::uint32_t rounded(float x) {
  return rounded_to<bfloat16>(x).bits;
}

}  // namespace

TEST_CASE("bfloat16: every value survives the way to float and back, and a NaN stays one") {
  for (std::uint32_t bits = 0; bits < kPatterns; ++bits) {
    const float value = to_float(bfloat16{static_cast<std::uint16_t>(bits)});
    REQUIRE((std::isnan(value) ? std::isnan(float_of(rounded(value) << 16)) : rounded(value) == bits));
  }
}

TEST_CASE("bfloat16: rounds to the nearest value, and ties to the even one") {
  // Between each value and its neighbour away from zero. Beyond the largest is infinity, where the next power
  // of two would be.
  for (const std::uint32_t sign : {0x0000U, 0x8000U}) {
    for (std::uint32_t bits = sign; bits < sign + 0x7f80U; ++bits) {
      for (const std::uint32_t lower : {0x0001U, 0x7fffU, 0x8000U, 0x8001U, 0xffffU}) {
        const bool away = lower > 0x8000U || (lower == 0x8000U && bits % 2 == 1);
        CAPTURE(bits, lower);
        REQUIRE(rounded(float_of(bits << 16 | lower)) == (away ? bits + 1 : bits));
      }
    }
  }
}

TEST_CASE("bfloat16: worked examples") {
  CHECK(rounded(1.0F) == 0x3f80);
  CHECK(rounded(-2.0F) == 0xc000);
  CHECK(to_float(rounded_to<bfloat16>(3.14159265F)) == 3.140625F);
  CHECK(to_float(rounded_to<bfloat16>(1.0F + 1.0F / 256)) == 1.0F);              // a tie
  CHECK(to_float(rounded_to<bfloat16>(1.0F + 3.0F / 256)) == 1.0F + 1.0F / 64);  // a tie
  CHECK(std::isinf(to_float(rounded_to<bfloat16>(std::numeric_limits<float>::max()))));
}

TEST_CASE("bfloat16: a NaN whose payload is all in the lower half stays a NaN") {
  for (const std::uint32_t bits : {0x7f800001U, 0xff80ffffU, 0x7fffffffU, 0xffffffffU}) {
    CHECK(std::isnan(to_float(rounded_to<bfloat16>(float_of(bits)))));
  }
}

TEST_CASE("bfloat16: floats and integers pass as what they are") {
  CHECK(rounded_to<float>(0.1F) == 0.1F);
  CHECK(to_float(std::int16_t{-4608}) == -4608.0F);
}
