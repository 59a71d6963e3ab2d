#include "tern/kernels/pack_ternary.h"

#include <type_traits>

#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;

namespace {

// The bit planes as their definition reads, in the order of PackedTernary::words().
std::vector<std::uint64_t> reference_words(const Tensor& x) {
  const std::int64_t channels = x.dim(-1), pairs = (channels + 63) / 64;
  const std::int64_t rows = channels == 0 ? 0 : x.numel() / channels;
  std::vector<std::uint64_t> words(static_cast<std::size_t>(2 * rows * pairs), 0);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const std::int64_t row = i / channels, c = i % channels;
    const auto pair = static_cast<std::size_t>(2 * (row * pairs + c / 64));
    const std::int8_t value = x.data<std::int8_t>()[i];
    words[pair] |= std::uint64_t{value < 0} << (c % 64);
    words[pair + 1] |= std::uint64_t{value != 0} << (c % 64);
  }
  return words;
}

std::vector<std::uint64_t> words_of(const PackedTernary& packed) {
  const PackedTernary host = packed.to(Device{});
  return {host.words(), host.words() + host.storage().numel()};
}

}  // namespace

TEST_CASE("pack_ternary: packed values do not mix with numbers") {
  STATIC_REQUIRE_FALSE(std::is_convertible_v<PackedTernary, Tensor>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Tensor, PackedTernary>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Tensor, PackedTernary>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<PackedTernary, Tensor>);
}

TEST_CASE("pack_ternary: a worked example") {
  const Device device = test::each_device();
  const PackedTernary packed =
      kernels::pack_ternary(Tensor::from<std::int8_t>({2, 3}, {-1, 0, 1, /**/ 1, 1, -1}).to(device));
  CHECK(words_of(packed) == std::vector<std::uint64_t>{0b001, 0b101, /**/ 0b100, 0b111});
  CHECK(packed.nbytes() == 32);
  CHECK(packed.shape() == Shape{2, 3});
}

TEST_CASE("pack_ternary: channel counts around the word, with zeros in the tail, on any number of threads") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {0, 1, 3, 8, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 512}) {
    for (const std::int64_t rows : {0, 1, 5, device.type == DeviceType::cpu ? 3000 : 70}) {
      INFO(rows << " rows of " << channels << " channels");
      const test::ThreadCount threads(1 + static_cast<int>((rows + channels) % 3));
      const Tensor x = test::random_ternary({rows, channels}, static_cast<std::uint32_t>(channels));
      const PackedTernary packed = kernels::pack_ternary(x.to(device));
      CHECK(packed.rows() == rows);
      CHECK(packed.nbytes() == static_cast<std::size_t>(rows * ((channels + 63) / 64) * 16));
      REQUIRE(words_of(packed) == reference_words(x));
      REQUIRE(test::bit_difference(kernels::unpack_ternary(packed), x) == "");
      const Tensor floats = kernels::unpack_ternary(packed, DType::f32);
      REQUIRE(test::difference(floats, test::as_doubles(x), 0.0) == "");
      const Tensor halves = kernels::unpack_ternary(packed, DType::bf16);
      REQUIRE(test::bit_difference(halves, kernels::cast(floats, DType::bf16)) == "");
    }
  }
}

TEST_CASE("pack_ternary: rows are all dimensions but the last") {
  const Device device = test::each_device();
  const Tensor x = test::random_ternary({2, 3, 4, 70}, 1);
  const PackedTernary packed = kernels::pack_ternary(x.to(device));
  CHECK(packed.rows() == 24);
  CHECK(packed.row_pairs() == 2);
  CHECK(test::bit_difference(kernels::unpack_ternary(packed), x) == "");
}

TEST_CASE("pack_ternary: arguments of another kind are named") {
  CHECK_THROWS_WITH(kernels::pack_ternary(Tensor::zeros({2, 3})), "pack_ternary: x is f32, expected i8");
  CHECK_THROWS_WITH(kernels::pack_ternary(Tensor()), "pack_ternary: x is undefined");
  CHECK_THROWS_WITH(kernels::pack_ternary(Tensor::zeros({}, DType::i8)),
                    "PackedTernary: a scalar has no channels to pack");
  CHECK_THROWS_WITH(kernels::unpack_ternary(PackedTernary()), "unpack_ternary: x is undefined");
  CHECK_THROWS_WITH(
      kernels::unpack_ternary(kernels::pack_ternary(Tensor::zeros({2, 3}, DType::i8)), DType::i16),
      "unpack_ternary: to i16, expected i8, f32 or bf16");
  CHECK_THROWS_AS(PackedTernary().words(), ShapeError);
}
