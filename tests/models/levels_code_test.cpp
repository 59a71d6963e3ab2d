#include "tern/models/levels_code.h"

#include <vector>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/random_tensors.h"

using namespace tern;

TEST_CASE("levels code: four per byte, the first one lowest") {
  const std::int8_t values[] = {3, -3, 1, -1, -1};
  std::uint8_t bytes[2];
  encode_levels(values, bytes, 5);
  // 3 + 4*0 + 16*2 + 64*1; then 1 and zero bits.
  CHECK(std::vector<int>(bytes, bytes + 2) == std::vector<int>{99, 1});
}

TEST_CASE("levels code: encoding and decoding gives the same values for every tail") {
  for (std::int64_t size = 0; size <= 17; ++size) {
    const auto values =
        test::random_levels({size}, static_cast<std::uint32_t>(size)).to_vector<std::int8_t>();
    std::vector<std::uint8_t> bytes(levels_bytes(values.size()));
    CHECK(bytes.size() == (values.size() + 3) / 4);
    encode_levels(values.data(), bytes.data(), values.size());
    std::vector<std::int8_t> decoded(values.size());
    decode_levels(bytes.data(), decoded.data(), values.size());
    CHECK(decoded == values);
  }
}

TEST_CASE("levels code: values between the levels, and a filling that is not zero, are refused") {
  std::uint8_t byte = 0;
  for (const std::int8_t value : {std::int8_t{0}, std::int8_t{2}, std::int8_t{5}, std::int8_t{-5}}) {
    CHECK_THROWS_AS(encode_levels(&value, &byte, 1), DataError);
  }
  byte = 4;
  std::int8_t value = 0;
  CHECK_THROWS_WITH(decode_levels(&byte, &value, 1), Catch::Contains("filling"));
}
