#include "kernels/cpu/stem/stem_convolution.h"

#include <cmath>
#include <cstring>
#include <random>

#include "kernels/batch_norm_formulas.h"
#include "kernels/cpu/packed/kernels.h"
#include "kernels/prelu_formulas.h"
#include "tests/support/catch.h"

using namespace tern;
using stem::kGroup;
using stem::kImageChannels;

namespace {

struct Problem {
  int kernel, stride, width, channels;  // width: of the output
  stem::RowShape shape() const {
    return {kernel, stride, (width - 1) * stride + kernel, width, stem::padded_channels(channels)};
  }
};

struct Data {
  std::vector<float> image, weights, mean, gain, beta, slope;

  explicit Data(const Problem& p) {
    std::mt19937 random(17);
    std::uniform_real_distribution<float> uniform(-1, 1);
    const auto fill = [&](int count) {
      std::vector<float> values(static_cast<std::size_t>(count));
      for (float& value : values) value = uniform(random);
      return values;
    };
    const int padded = stem::padded_channels(p.channels);
    image = fill(p.kernel * p.shape().input_width * kImageChannels);
    weights = fill(p.channels * p.kernel * p.kernel * kImageChannels);
    mean = fill(padded), gain = fill(padded), beta = fill(padded), slope = fill(padded);
  }
  stem::Epilogue epilogue() const { return {mean.data(), gain.data(), beta.data(), slope.data()}; }
};

// In double, and the sum of the absolute values of what is added, which bounds the rounding errors.
struct Exact {
  double value, magnitude;
};

Exact exact(const Problem& p, const Data& data, int column, int channel) {
  Exact sum{0, 0};
  const int taps = p.kernel * kImageChannels;
  for (int kh = 0; kh < p.kernel; ++kh) {
    for (int tap = 0; tap < taps; ++tap) {
      const double x = data.image[static_cast<std::size_t>(
          (kh * p.shape().input_width + column * p.stride) * kImageChannels + tap)];
      const double w = data.weights[static_cast<std::size_t>((channel * p.kernel + kh) * taps + tap)];
      sum.value += w * x;
      sum.magnitude += std::abs(w * x);
    }
  }
  const auto c = static_cast<std::size_t>(channel);
  const double t = (sum.value - data.mean[c]) * data.gain[c] + data.beta[c];
  sum.magnitude = (sum.magnitude + std::abs(data.mean[c])) * std::abs(data.gain[c]) + std::abs(data.beta[c]);
  sum.value = t > 0 ? t : data.slope[c] * t;
  return sum;
}

std::vector<float> compute(stem::Row row, const Problem& p, const Data& data) {
  const stem::RowShape shape = p.shape();
  constexpr float kGuard = 123.0F;
  std::vector<float> y(static_cast<std::size_t>(shape.output_width * shape.channels) + kGroup, kGuard);
  const std::vector<float> weights = stem::arrange_weights(data.weights.data(), p.channels, p.kernel);
  row(shape, data.image.data(), weights.data(), data.epilogue(), y.data());
  for (int i = 0; i < kGroup; ++i) CHECK(y[y.size() - 1 - static_cast<std::size_t>(i)] == kGuard);
  y.resize(y.size() - kGroup);
  return y;
}

const Problem kProblems[] = {{7, 2, 112, 64}, {3, 1, 32, 16}, {3, 1, 5, 3},   {7, 2, 1, 20},
                             {3, 1, 14, 33},  {7, 2, 15, 48}, {3, 1, 13, 80}, {7, 2, 6, 8}};

}  // namespace

TEST_CASE(
    "stem convolution: every target gives the exact convolution, batch norm and PReLU up to roundings") {
  for (const packed::Kernels* target : packed::available_kernels()) {
    INFO(target->name);
    for (const Problem& p : kProblems) {
      const Data data(p);
      const std::vector<float> y = compute(stem::row_for(target->name), p, data);
      // Each product and sum rounds once, by 2^-24 of a partial sum that is at most `magnitude`.
      const double roundings = 2.0 * p.kernel * p.kernel * kImageChannels + 8;
      for (int column = 0; column < p.width; ++column) {
        for (int c = 0; c < p.channels; ++c) {
          const Exact expected = exact(p, data, column, c);
          const double got = y[static_cast<std::size_t>(column * p.shape().channels + c)];
          if (std::abs(got - expected.value) > roundings * 0x1p-24 * expected.magnitude) {
            FAIL("column " << column << ", channel " << c << ": " << got << ", not " << expected.value);
          }
        }
      }
    }
  }
}

TEST_CASE("stem convolution: AVX-512 and AVX2 give equal bits") {
  std::vector<stem::Row> rows;
  for (const packed::Kernels* target : packed::available_kernels()) {
    if (std::strncmp(target->name, "avx", 3) == 0) rows.push_back(stem::row_for(target->name));
  }
  if (rows.size() < 2) {
    WARN("this CPU has not both");
    return;
  }
  REQUIRE(rows[0] != rows[1]);
  for (const Problem& p : kProblems) {
    const Data data(p);
    const std::vector<float> a = compute(rows[0], p, data), b = compute(rows[1], p, data);
    CHECK(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
  }
}
