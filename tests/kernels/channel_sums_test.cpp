#include "tern/kernels/channel_sums.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

std::vector<std::int64_t> reference_sums(const Tensor& x) {
  const auto channels = static_cast<std::size_t>(x.dim(-1));
  std::vector<std::int64_t> sums(2 * channels, 0);
  std::size_t i = 0;
  for (const std::int64_t value : x.to_vector<std::int16_t>()) {
    sums[i % channels] += value;
    sums[channels + i % channels] += value * value;
    ++i;
  }
  return sums;
}

}  // namespace

TEST_CASE("channel_sums: sums and sums of squares are exact, of 16 or 32 bits") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 64, 70}) {
    for (const std::int64_t rows : {1, 31, 700}) {
      INFO(rows << " rows of " << channels << " channels");
      const Tensor x = test::random_integers({rows, channels}, 2, 32767);
      const Tensor wide = test::converted<std::int32_t>(x);
      CHECK(kernels::channel_sums(x.to(device)).to_vector<std::int64_t>() == reference_sums(x));
      CHECK(kernels::channel_sums(wide.to(device)).to_vector<std::int64_t>() == reference_sums(x));
    }
  }
}

TEST_CASE("channel_sums: statistics of sums are those of the integers, to the bit") {
  const Device device = test::each_device();
  const Tensor x = test::random_integers({57, 5}, 3, 4608).to(device);
  const kernels::ChannelStatistics expected = kernels::channel_statistics(x.to(Device{}));
  const kernels::ChannelStatistics actual = kernels::statistics_of_sums(kernels::channel_sums(x), 57);
  CHECK(test::bit_difference(actual.mean, expected.mean) == "");
  CHECK(test::bit_difference(actual.variance, expected.variance) == "");
}

TEST_CASE("channel_sums: arguments of another kind are named") {
  CHECK_THROWS_WITH(kernels::channel_sums(Tensor::zeros({2, 3})),
                    "channel_sums: x is f32, expected i16 or i32");
  CHECK_THROWS_WITH(kernels::statistics_of_sums(Tensor::zeros({2, 3}), 1),
                    "statistics_of_sums: sums is f32, expected i64");
  CHECK_THROWS_WITH(kernels::statistics_of_sums(Tensor::zeros({3, 3}, DType::i64), 1),
                    "statistics_of_sums: sums is (3, 3), expected (2, C)");
  CHECK_THROWS_WITH(kernels::statistics_of_sums(Tensor::zeros({2, 3}, DType::i64), 0),
                    "statistics_of_sums: 0 rows have no mean");
}
