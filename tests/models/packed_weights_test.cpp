#include "tern/models/packed_weights.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/random_tensors.h"

using namespace tern;
using Catch::Contains;

namespace {

constexpr WeightLevels kThree = WeightLevels::three, kFour = WeightLevels::four;

void check_refused(const Tensor& bytes, const Shape& shape, WeightLevels levels, const char* text) {
  CHECK_THROWS_WITH(unpack_weights(bytes, shape, levels), Contains(text));
}

}  // namespace

TEST_CASE("packed weights: five trits or four levels per byte, the first one lowest") {
  const Tensor trits = pack_weights(Tensor::from<std::int8_t>({6}, {1, -1, 0, 0, 0, 1}), kThree);
  // 2 + 3*0 + 9*1 + 27*1 + 81*1 = 119; then 2 and the filling 1, 1, 1, 1: 2 + 3 + 9 + 27 + 81 = 122.
  CHECK(trits.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{119, 122});
  const Tensor levels = pack_weights(Tensor::from<std::int8_t>({5}, {3, -3, 1, -1, -1}), kFour);
  // 3 + 4*0 + 16*2 + 64*1; then 1 and zero bits.
  CHECK(levels.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{99, 1});
}

TEST_CASE("packed weights: packing and unpacking gives the same values for every tail") {
  for (std::int64_t size = 0; size <= 23; ++size) {
    for (const WeightLevels levels : {kThree, kFour}) {
      const auto seed = static_cast<std::uint32_t>(size);
      const Tensor values =
          levels == kFour ? test::random_levels({size}, seed) : test::random_ternary({size}, seed);
      const Tensor bytes = pack_weights(values, levels);
      CHECK(bytes.numel() == (levels == kFour ? (size + 3) / 4 : (size + 4) / 5));
      CHECK(unpack_weights(bytes, {size}, levels).to_vector<std::int8_t>() ==
            values.to_vector<std::int8_t>());
    }
  }
}

TEST_CASE("packed weights: what is no level is refused") {
  CHECK_THROWS_AS(pack_weights(Tensor::from<std::int8_t>({2}, {0, 2}), kThree), DataError);
  for (const std::int8_t value : {std::int8_t{0}, std::int8_t{2}, std::int8_t{5}, std::int8_t{-5}}) {
    CHECK_THROWS_AS(pack_weights(Tensor::from<std::int8_t>({1}, {value}), kFour), DataError);
  }
}

TEST_CASE(
    "packed weights: what is not five trits, not zero behind the last value or of another size is refused") {
  check_refused(Tensor::from<std::uint8_t>({1}, {243}), {5}, kThree, "243");
  check_refused(Tensor::from<std::uint8_t>({1}, {0}), {1}, kThree, "filling");
  check_refused(Tensor::from<std::uint8_t>({1}, {4}), {1}, kFour, "filling");
  check_refused(Tensor::from<std::uint8_t>({1}, {0}), {6}, kThree, "expected 2");
  check_refused(Tensor::from<std::uint8_t>({1}, {0}), {5}, kFour, "expected 2");
  check_refused(Tensor::from<std::uint8_t>({1, 2}, {121, 121}), {6}, kThree, "(1, 2)");
  CHECK_THROWS_AS(unpack_weights(Tensor::from<std::int8_t>({1}, {121}), {5}, kThree), DataError);
}
