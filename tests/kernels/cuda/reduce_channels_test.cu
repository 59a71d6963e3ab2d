#include <cmath>
#include <cstring>
#include <map>
#include <tuple>
#include <vector>

#include "tern/core/device_scope.h"
#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

// What body and finish of the tests do, as function objects: a lambda in a test case has no address.
struct AddValueAndSquare {
  const float* x;
  std::int64_t channels;
  template <class Lane>
  __device__ void operator()(std::int64_t row, std::int64_t channel, Lane (&lanes)[2]) const {
    const Lane value = static_cast<Lane>(x[row * channels + channel]);
    lanes[0] += value;
    lanes[1] += value * value;
  }
};

/// The same of several channels at once, as a body of its own.
template <class Lane>
struct AddValuesAndSquares {
  const float* x;
  std::int64_t channels;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    using Row = kernels::cuda::Vector<float, Width>;

    __device__ Columns(const AddValuesAndSquares& of, std::int64_t channel)
        : x(of.x + channel), step(of.channels) {}

    __device__ Row load(std::int64_t row) const { return kernels::cuda::load<Width>(x + row * step); }
    __device__ void add(std::int64_t, const Row& row, Lane (&sums)[2][Width]) const {
      for (int k = 0; k < Width; ++k) {
        const Lane value = static_cast<Lane>(row.at[k]);
        sums[0][k] += value;
        sums[1][k] += value * value;
      }
    }

    const float* x;
    std::int64_t step;
  };
};

template <class Total>
struct StoreTotals {
  Total* sums;  // (C, 2)
  __device__ void operator()(std::int64_t channel, const Total (&totals)[2]) const {
    sums[channel * 2] += totals[0];  // added to zeros, so that a second call for a channel would show
    sums[channel * 2 + 1] += totals[1];
  }
};

enum class By { elements, vectors };

template <class Lane, class Total>
std::vector<Total> value_and_square_sums(const Tensor& x, Device device, By by) {
  const std::int64_t channels = x.dim(1);
  const Tensor input = x.to(device);
  Tensor sums =
      Tensor::zeros({channels, 2}, DType::i64, device);  // of doubles, perhaps: the size is the same
  {
    const DeviceScope scope(device, "test");
    const float* elements = input.data<float>();
    const StoreTotals<Total> store{static_cast<Total*>(sums.raw())};
    if (by == By::elements) {
      kernels::cuda::reduce_channels<2, Lane, Total>(
          x.dim(0), channels, device, kernels::cuda::each_element(AddValueAndSquare{elements, channels}),
          store);
    } else {
      kernels::cuda::reduce_channels<2, Lane, Total>(x.dim(0), channels, device,
                                                     AddValuesAndSquares<Lane>{elements, channels}, store);
    }
  }
  const std::vector<std::int64_t> words = sums.to_vector<std::int64_t>();
  std::vector<Total> totals(words.size());
  std::memcpy(totals.data(), words.data(), words.size() * sizeof(Total));
  return totals;
}

constexpr std::int64_t kChannels[] = {1, 3, 16, 33, 64, 300};
constexpr std::int64_t kRows[] = {0, 1, 31, 700};

}  // namespace

TEST_CASE("reduce_channels: agrees with a double loop, and is the same to the bit in any order of threads") {
  Device device;
  if (!test::each_gpu(device)) return;
  static std::map<std::tuple<By, std::int64_t, std::int64_t>, std::vector<double>> first_results;
  const By by = GENERATE(By::elements, By::vectors);
  for (const std::int64_t channels : kChannels) {
    for (const std::int64_t rows : kRows) {
      CAPTURE(channels, rows);
      const Tensor x = test::random_tensor({rows, channels}, 1);
      std::vector<double> expected(static_cast<std::size_t>(channels) * 2, 0.0), magnitude = expected;
      for (std::int64_t i = 0; i < x.numel(); ++i) {
        const double value = x.data<float>()[i];
        const std::size_t at = static_cast<std::size_t>(i % channels) * 2;
        expected[at] += value;
        magnitude[at] += std::abs(value);
        expected[at + 1] += value * value;
        magnitude[at + 1] += value * value;
      }
      const std::vector<double> sums = value_and_square_sums<float, double>(x, device, by);
      for (std::size_t i = 0; i < sums.size(); ++i) {
        // The rounding of a square and 15 additions in f32; what is added up in double is negligible.
        REQUIRE(std::abs(sums[i] - expected[i]) <= 16 * test::kUnit * magnitude[i]);
      }
      const auto first = first_results.emplace(std::make_tuple(by, channels, rows), sums).first;
      REQUIRE(sums == first->second);
    }
  }
}

TEST_CASE("reduce_channels: sums of integers are exact") {
  Device device;
  if (!test::each_gpu(device)) return;
  constexpr std::int64_t kLarge = 4607;  // 700 squares of it need 34 bits
  const By by = GENERATE(By::elements, By::vectors);
  const Tensor x = Tensor::full({700, 36}, -static_cast<float>(kLarge));
  const std::vector<std::int64_t> sums = value_and_square_sums<std::int64_t, std::int64_t>(x, device, by);
  for (std::size_t i = 0; i < sums.size(); i += 2) {
    REQUIRE(sums[i] == -700 * kLarge);
    REQUIRE(sums[i + 1] == 700 * kLarge * kLarge);
  }
}
