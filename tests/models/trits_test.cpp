#include "tern/models/trits.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("trits: five per byte, the first one lowest") {
  const Tensor bytes = pack_trits(Tensor::from<std::int8_t>({6}, {1, -1, 0, 0, 0, 1}));
  // 2 + 3*0 + 9*1 + 27*1 + 81*1 = 119; then 2 and the filling 1, 1, 1, 1: 2 + 3 + 9 + 27 + 81 = 122.
  CHECK(bytes.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{119, 122});
}

TEST_CASE("trits: packing and unpacking gives the same values for every tail") {
  for (std::int64_t size = 0; size <= 23; ++size) {
    const Tensor values = test::random_ternary({size}, static_cast<std::uint32_t>(size));
    const Tensor bytes = pack_trits(values);
    CHECK(bytes.numel() == (size + 4) / 5);
    CHECK(unpack_trits(bytes, {size}).to_vector<std::int8_t>() == values.to_vector<std::int8_t>());
  }
}

TEST_CASE("trits: what is not ternary or not five trits is refused") {
  CHECK_THROWS_AS(pack_trits(Tensor::from<std::int8_t>({2}, {0, 2})), DataError);
  CHECK_THROWS_WITH(unpack_trits(Tensor::from<std::uint8_t>({1}, {243}), {5}), Catch::Contains("243"));
  CHECK_THROWS_WITH(unpack_trits(Tensor::from<std::uint8_t>({1}, {0}), {1}), Catch::Contains("filling"));
  CHECK_THROWS_WITH(unpack_trits(Tensor::from<std::uint8_t>({1}, {0}), {6}), Catch::Contains("expected 2"));
  CHECK_THROWS_WITH(unpack_trits(Tensor::from<std::uint8_t>({1, 2}, {121, 121}), {6}),
                    Catch::Contains("(1, 2)"));
  CHECK_THROWS_AS(unpack_trits(Tensor::from<std::int8_t>({1}, {121}), {5}), DataError);
}
