#include "tern/kernels/batch_norm.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/add.h"
#include "tern/kernels/batch_norm_ternary.h"
#include "tern/kernels/cast.h"
#include "tests/reference/batch_norm.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::BatchNormTerms;
using test::kUnit;

namespace {

const std::vector<std::int64_t> kChannels = {1, 3, 8, 16, 33, 64, 300};
// With the channel counts above these leave last tiles of every kind: full, short, a single row.
const std::vector<std::int64_t> kRows = {1, 2, 7, 86, 257, 1000};

// Mean over the rows of what f gives for every element, by channel.
template <class F>  // double(std::size_t element)
std::vector<double> channel_means(const Tensor& x, const F& f) {
  const auto channels = static_cast<std::size_t>(x.dim(-1));
  std::vector<double> means(channels, 0.0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(x.numel()); ++i) {
    means[i % channels] += f(i) / static_cast<double>(x.numel() / x.dim(-1));
  }
  return means;
}

void check_statistics(const Tensor& x, Device device) {
  const reference::Statistics expected = reference::channel_statistics(x);
  const kernels::ChannelStatistics actual = kernels::channel_statistics(x.to(device));
  const auto channels = static_cast<std::size_t>(x.dim(-1));
  const float* px = x.data<float>();
  // Of d = x - first row: one rounding of d, 16 additions in f32 before the sum goes on in double, one
  // rounding of the result. d^2 has three roundings before its additions. The mean of d squared is then taken
  // off the mean of d^2: the variance is as good as the first row is near the mean.
  const auto d = [&](std::size_t i) { return std::abs(double{px[i]} - px[i % channels]); };
  std::vector<double> mean_tolerance = channel_means(x, [&](std::size_t i) { return d(i); });
  std::vector<double> variance_tolerance = channel_means(x, [&](std::size_t i) { return d(i) * d(i); });
  for (std::size_t c = 0; c < channels; ++c) {
    variance_tolerance[c] *= kUnit * (20 + 2 * 17);
    mean_tolerance[c] = kUnit * (17 * mean_tolerance[c] + 2 * std::abs(expected.mean[c]));
  }
  CHECK(test::difference(actual.mean, expected.mean, mean_tolerance) == "");
  CHECK(test::difference(actual.variance, expected.variance, variance_tolerance) == "");
}

}  // namespace

TEST_CASE("batch_norm: statistics agree with two passes in double") {
  const Device device = test::each_device();
  for (const std::int64_t channels : kChannels) {
    for (const std::int64_t rows : kRows) {
      INFO(rows << " rows of " << channels << " channels");
      check_statistics(test::random_tensor({rows, channels}, 1, -1.0F, 3.0F), device);
    }
  }
}

TEST_CASE("batch_norm: statistics of integers are exact, of 16 or 32 bits") {
  const Device device = test::each_device();
  for (const std::int64_t channels : kChannels) {
    for (const std::int64_t rows : {1, 2, 7, 86, 257, 20000}) {
      if (device.type != DeviceType::cpu && rows * channels > 300000) continue;  // slow where emulated
      INFO(rows << " rows of " << channels << " channels");
      const test::ThreadCount threads(1 + static_cast<int>((rows + channels) % 3));
      const Tensor x = test::random_integers({rows, channels}, 2, 4608);
      const reference::Statistics expected = reference::channel_statistics(x);
      const kernels::ChannelStatistics actual = kernels::channel_statistics(x.to(device));
      // Sums that are exact, a few roundings in double and the one to f32.
      const auto rounding = [](const std::vector<double>& values) {
        std::vector<double> tolerance;
        for (const double value : values) tolerance.push_back(1.001 * kUnit * std::abs(value) + 1e-9);
        return tolerance;
      };
      CHECK(test::difference(actual.mean, expected.mean, rounding(expected.mean)) == "");
      CHECK(test::difference(actual.variance, expected.variance, rounding(expected.variance)) == "");
      const kernels::ChannelStatistics wide =
          kernels::channel_statistics(test::converted<std::int32_t>(x).to(device));
      CHECK(test::bit_difference(wide.mean, actual.mean) == "");
      CHECK(test::bit_difference(wide.variance, actual.variance) == "");
    }
  }
}

TEST_CASE("batch_norm: sums of the largest integers do not overflow") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<std::int16_t>({3000, 1}, std::vector<std::int16_t>(3000, -32768));
  const kernels::ChannelStatistics s = kernels::channel_statistics(x.to(device));
  CHECK(s.mean.item() == -32768.0F);
  CHECK(s.variance.item() == 0.0F);
}

TEST_CASE("batch_norm: a mean that is large against the deviation does not cancel the variance") {
  const Device device = test::each_device();
  Tensor x = test::random_tensor({4096, 5}, 3, -0.0173F, 0.0173F);  // deviation 1e-2
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data<float>()[i] += 1000;
  check_statistics(x, device);
  // With E[x^2] - E[x]^2 in f32 nothing of 1e-4 would be left beside 1e6; here 5 digits are.
  const reference::Statistics expected = reference::channel_statistics(x);
  const Tensor variance = kernels::channel_statistics(x.to(device)).variance.to(Device{});
  for (std::size_t c = 0; c < 5; ++c) {
    CHECK(std::abs(variance.data<float>()[c] / expected.variance[c] - 1) < 1e-5);
  }
}

TEST_CASE("batch_norm: equal values have variance zero") {
  const Device device = test::each_device();
  const kernels::ChannelStatistics s = kernels::channel_statistics(Tensor::full({1000, 3}, 0.1F).to(device));
  CHECK(test::bit_difference(s.mean, Tensor::full({3}, 0.1F)) == "");
  CHECK(test::bit_difference(s.variance, Tensor::zeros({3})) == "");
}

TEST_CASE("batch_norm: NaN and infinity reach the statistics of their channel alone") {
  const Device device = test::each_device();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const std::int64_t row : {0, 123}) {  // the first row is the pivot of the sums
      Tensor x = test::random_tensor({200, 3}, 4);
      x.data<float>()[row * 3 + 1] = bad;
      const kernels::ChannelStatistics s = kernels::channel_statistics(x.to(device));
      const auto mean = s.mean.to_vector<float>(), variance = s.variance.to_vector<float>();
      CHECK_FALSE((std::isfinite(mean[1]) && std::isfinite(variance[1])));
      CHECK(std::isfinite(variance[0]));
      CHECK(std::isfinite(variance[2]));
    }
  }
}

TEST_CASE("batch_norm: the normalised values agree with the definition") {
  const Device device = test::each_device();
  for (const std::int64_t channels : kChannels) {
    for (const std::int64_t rows : kRows) {
      INFO(rows << " rows of " << channels << " channels");
      const Tensor x = test::random_tensor({rows, channels}, 5, -2.0F, 2.0F);
      const BatchNormTerms terms = test::random_terms(channels, 6);
      const reference::Normalisation exact = test::in_double(terms);
      std::vector<double> expected = reference::batch_norm(x, exact), tolerance;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        // Three roundings of the product, one of the sum.
        const double beta = exact.beta[i % static_cast<std::size_t>(channels)];
        tolerance.push_back(kUnit * (4 * std::abs(expected[i] - beta) + std::abs(expected[i])));
      }
      CHECK(test::difference(kernels::batch_norm(x.to(device), test::to(terms, device), "bn"), expected,
                             tolerance) == "");
    }
  }
}

TEST_CASE("batch_norm: the gradients agree with the definition") {
  const Device device = test::each_device();
  for (const std::int64_t channels : kChannels) {
    for (const std::int64_t rows : kRows) {
      for (const bool batch_statistics : {true, false}) {
        INFO(rows << " rows of " << channels << " channels, batch statistics " << batch_statistics);
        const Tensor x = test::random_tensor({rows, channels}, 7, -2.0F, 2.0F);
        const Tensor dy = test::random_tensor({rows, channels}, 8);
        const BatchNormTerms terms = test::random_terms(channels, 9);
        const auto expected = reference::batch_norm_backward(dy, x, test::in_double(terms), batch_statistics);
        const auto tolerance = test::batch_norm_backward_tolerance(dy, x, terms, batch_statistics);
        const auto actual = kernels::batch_norm_backward(dy.to(device), x.to(device), test::to(terms, device),
                                                         batch_statistics);
        CHECK(test::difference(actual.dx, expected.dx, tolerance.dx) == "");
        CHECK(test::difference(actual.dgamma, expected.dgamma, tolerance.dgamma) == "");
        CHECK(test::difference(actual.dbeta, expected.dbeta, tolerance.dbeta) == "");
      }
    }
  }
}

TEST_CASE("batch_norm: a gradient from another way is added to dx as by add, and changes nothing else") {
  const Device device = test::each_device();
  const DType dtype = GENERATE(DType::f32, DType::bf16);
  const auto random = [&](const Shape& shape, std::uint32_t seed) {
    return kernels::cast(test::random_tensor(shape, seed, -2.0F, 2.0F), dtype).to(device);
  };
  for (const std::int64_t channels : {1, 16, 33}) {
    INFO(to_string(dtype) << ", " << channels << " channels");
    const Shape shape{86, channels};
    const Tensor dy = random(shape, 1), x = random(shape, 2), addend = random(shape, 3);
    const BatchNormTerms terms = test::to(test::random_terms(channels, 4), device);
    const auto check = [&](const auto& backward) {
      const kernels::BatchNormGradients alone = backward(Tensor()), sum = backward(addend);
      CHECK(test::bit_difference(sum.dx, kernels::add(alone.dx, addend)) == "");
      CHECK(test::bit_difference(sum.dgamma, alone.dgamma) == "");
      CHECK(test::bit_difference(sum.dbeta, alone.dbeta) == "");
    };
    check([&](const Tensor& other) { return kernels::batch_norm_backward(dy, x, terms, true, other); });
    check(
        [&](const Tensor& other) { return kernels::batch_norm_ternary_backward(dy, x, terms, true, other); });
  }
}

TEST_CASE("batch_norm: the same bits on any number of threads") {
  const Tensor x = test::random_tensor({7, 29, 31, 33}, 10), dy = test::random_tensor(x.shape(), 11);
  const BatchNormTerms terms = test::random_terms(33, 12);
  const auto results = [&](int threads) {
    const test::ThreadCount scope(threads);
    const kernels::ChannelStatistics s = kernels::channel_statistics(x);
    const kernels::BatchNormGradients g = kernels::batch_norm_backward(dy, x, terms, true);
    return std::vector<Tensor>{s.mean, s.variance, kernels::batch_norm(x, terms, "bn"),
                               g.dx,   g.dgamma,   g.dbeta};
  };
  const std::vector<Tensor> expected = results(1);
  for (const int threads : {2, 3}) {
    const std::vector<Tensor> actual = results(threads);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(test::bit_difference(actual[i], expected[i]) == "");
    }
  }
}

TEST_CASE("batch_norm: a result that is not finite is an error that names the layer") {
  const Device device = test::each_device();
  const BatchNormTerms terms = test::to(test::random_terms(3, 13), device);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (const std::int64_t at : {std::int64_t{0}, std::int64_t{8999}}) {
      Tensor x = test::random_tensor({3000, 3}, 14);
      x.data<float>()[at] = bad;
      x = x.to(device);
      CHECK_THROWS_AS(kernels::batch_norm(x, terms, "features.4.bn1"), NumericError);
      CHECK_THROWS_WITH(kernels::batch_norm(x, terms, "features.4.bn1"),
                        "features.4.bn1: the normalised activations hold NaN or infinity");
    }
  }
}

TEST_CASE("batch_norm: equal terms give equal bits on every device") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 4, 33, 300}) {
    const Tensor x = test::random_tensor({97, channels}, 16, -2.0F, 2.0F);
    const BatchNormTerms terms = test::random_terms(channels, 17);
    CHECK(test::bit_difference(kernels::batch_norm(x.to(device), test::to(terms, device), "bn"),
                               kernels::batch_norm(x, terms, "bn")) == "");
    // With constant statistics the gradient is made element by element.
    const Tensor dy = test::random_tensor(x.shape(), 18);
    CHECK(test::bit_difference(
              kernels::batch_norm_backward(dy.to(device), x.to(device), test::to(terms, device), false).dx,
              kernels::batch_norm_backward(dy, x, terms, false).dx) == "");
  }
}

TEST_CASE("batch_norm: arguments that do not fit together are named") {
  const Tensor x = Tensor::zeros({4, 3});
  const BatchNormTerms terms = test::random_terms(3, 15);
  CHECK_THROWS_WITH(kernels::batch_norm(Tensor::zeros({4, 5}), terms, "bn"),
                    "batch_norm: mean is (3,), expected one value for each of 5 channels");
  CHECK_THROWS_AS(kernels::batch_norm(Tensor::zeros({3}), terms, "bn"), ShapeError);
  CHECK_THROWS_WITH(kernels::channel_statistics(Tensor::zeros({0, 3})),
                    "channel_statistics: x is (0, 3); there is nothing to normalise");
  CHECK_THROWS_WITH(kernels::channel_statistics(Tensor::zeros({4, 3}, DType::i8)),
                    "channel_statistics: x is i8, expected i16 or i32");
  CHECK_THROWS_WITH(kernels::batch_norm_backward(Tensor::zeros({5, 3}), x, terms, true),
                    "batch_norm_backward: dy is f32 (5, 3) but x is f32 (4, 3)");
  CHECK_THROWS_WITH(kernels::batch_norm_backward(x, x, terms, true, Tensor::zeros({4, 3}, DType::bf16)),
                    "batch_norm_backward: addend is bf16 (4, 3) but x is f32 (4, 3)");
}
