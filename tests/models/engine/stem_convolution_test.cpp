#include "tern/kernels/cpu/floats/stem_convolution.h"

#include <cmath>
#include <cstring>
#include <random>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/kernels/cpu/floats/winograd.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tests/support/catch.h"

using namespace tern;
using floats::kGroup;
using floats::kImageChannels;
namespace winograd = floats::winograd;

namespace {

struct Problem {
  int kernel, stride, width, channels;  // width: of the output
  floats::RowShape shape() const { return {kernel, stride, width, floats::padded_channels(channels)}; }
};

constexpr int kReadBeyond = floats::StemKernels<float>::kReadBeyond;
constexpr float kGuard = 123.0F;

struct Data {
  std::vector<float> image, weights, mean, gain, beta, slope;
  std::vector<const float*> means;  // of each pixel

  explicit Data(const Problem& p) {
    std::mt19937 random(17);
    std::uniform_real_distribution<float> uniform(-1, 1);
    const auto fill = [&](int count) {
      std::vector<float> values(static_cast<std::size_t>(count));
      for (float& value : values) value = uniform(random);
      return values;
    };
    const int padded = floats::padded_channels(p.channels);
    image = fill(p.kernel * p.shape().input_width() * kImageChannels + kReadBeyond);
    weights = fill(p.channels * p.kernel * p.kernel * kImageChannels);
    mean = fill(padded), gain = fill(padded), beta = fill(padded), slope = fill(padded);
    means.assign(static_cast<std::size_t>(p.shape().computed_width()), mean.data());
  }
  Data(const Data&) = delete;
  floats::Epilogue epilogue() const { return {means.data(), gain.data(), beta.data(), slope.data()}; }
  double pixel(const Problem& p, int row, int column, int c) const {
    return image[static_cast<std::size_t>((row * p.shape().input_width() + column) * kImageChannels + c)];
  }
  double weight(const Problem& p, int channel, int row, int column, int c) const {
    return column >= p.kernel ? 0
                              : weights[static_cast<std::size_t>(
                                    ((channel * p.kernel + row) * p.kernel + column) * kImageChannels + c)];
  }
};

double convolution(const Problem& p, const Data& data, int column, int channel) {
  double sum = 0;
  for (int row = 0; row < p.kernel; ++row) {
    for (int k = 0; k < p.kernel; ++k) {
      for (int c = 0; c < kImageChannels; ++c) {
        sum += data.weight(p, channel, row, k, c) * data.pixel(p, row, column * p.stride + k, c);
      }
    }
  }
  return sum;
}

// The absolute values of everything that the plain sum adds.
double direct_magnitude(const Problem& p, const Data& data, int column, int channel) {
  double sum = 0;
  for (int row = 0; row < p.kernel; ++row) {
    for (int k = 0; k < p.kernel; ++k) {
      for (int c = 0; c < kImageChannels; ++c) {
        sum += std::abs(data.weight(p, channel, row, k, c) * data.pixel(p, row, column * p.stride + k, c));
      }
    }
  }
  return sum;
}

// The same for minimal filtering, which adds larger numbers that cancel.
double minimal_magnitude(const Problem& p, const Data& data, int column, int channel) {
  const int tile = column / winograd::kOutputs, output = column % winograd::kOutputs;
  double sum = 0;
  for (int point = 0; point < winograd::kPoints; ++point) {
    double of_point = 0;
    for (int row = 0; row < p.kernel; ++row) {
      for (int at = 0; at < 2 * kImageChannels; ++at) {
        const int phase = at / kImageChannels, c = at % kImageChannels;
        double input = 0, filter = 0;
        for (int i = 0; i < winograd::kPoints; ++i) {
          input += std::abs(winograd::kMatrices.input[point][i] *
                            data.pixel(p, row, 2 * (tile * winograd::kOutputs + i) + phase, c));
        }
        for (int j = 0; j < winograd::kTaps; ++j) {
          filter +=
              std::abs(winograd::kMatrices.filter[point][j] * data.weight(p, channel, row, 2 * j + phase, c));
        }
        of_point += input * filter;
      }
    }
    sum += std::abs(winograd::kMatrices.output[output][point]) * of_point;
  }
  return sum;
}

std::vector<float> compute(const floats::Kernels& kernels, const Problem& p, const Data& data) {
  const floats::RowShape shape = p.shape();
  const auto guarded = [](int count) {
    return std::vector<float>(static_cast<std::size_t>(count) + kGroup, kGuard);
  };
  const auto check_guard = [](std::vector<float>& values) {
    for (int i = 0; i < kGroup; ++i) CHECK(values[values.size() - 1 - static_cast<std::size_t>(i)] == kGuard);
    values.resize(values.size() - kGroup);
  };
  std::vector<std::vector<float>> prepared;
  std::vector<const float*> rows;
  for (int row = 0; row < p.kernel; ++row) {
    prepared.push_back(guarded(shape.prepared_values()));
    kernels.stem.prepare(shape, data.image.data() + row * shape.input_width() * kImageChannels,
                         prepared.back().data());
    check_guard(prepared.back());
    rows.push_back(prepared.back().data());
  }
  std::vector<float> y = guarded(shape.computed_width() * shape.channels);
  const std::vector<float> weights = floats::arrange_weights(shape, data.weights.data(), p.channels);
  kernels.stem.row(shape, rows.data(), weights.data(), data.epilogue(), y.data());
  check_guard(y);
  return y;
}

const Problem kProblems[] = {{7, 2, 112, 64}, {3, 1, 32, 16}, {3, 1, 5, 3},   {7, 2, 1, 20},
                             {3, 1, 14, 33},  {7, 2, 57, 48}, {3, 1, 13, 80}, {7, 2, 6, 8}};

}  // namespace

TEST_CASE("minimal filtering: the matrices give the filter exactly") {
  const double d[7] = {3, -1, 4, 1, -5, 9, 2}, g[4] = {6, -5, 3, 5};
  for (int i = 0; i < winograd::kOutputs; ++i) {
    double sum = 0, expected = 0;
    for (int p = 0; p < winograd::kPoints; ++p) {
      double input = 0, filter = 0;
      for (int k = 0; k < winograd::kPoints; ++k) input += winograd::kMatrices.input[p][k] * d[k];
      for (int j = 0; j < winograd::kTaps; ++j) filter += winograd::kMatrices.filter[p][j] * g[j];
      sum += winograd::kMatrices.output[i][p] * input * filter;
    }
    for (int j = 0; j < winograd::kTaps; ++j) expected += g[j] * d[i + j];
    CHECK(sum == Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("stem convolution: every target gives the convolution, batch norm and PReLU up to roundings") {
  for (const packed::Kernels* target : packed::available_kernels()) {
    INFO(target->name);
    for (const Problem& p : kProblems) {
      const Data data(p);
      const std::vector<float> y = compute(floats::kernels_for(target->name), p, data);
      // Each product and sum rounds, by at most 2^-24 of a partial sum that is at most `magnitude`: those of
      // the sum, in minimal filtering also 7 of each input, 1 of each weight, 7 of the output; then the
      // epilogue's.
      const double roundings = 2.0 * p.kernel * p.kernel * kImageChannels + 2 * 7 + 1 + 2 * 7 + 8;
      for (int column = 0; column < p.width; ++column) {
        for (int channel = 0; channel < p.channels; ++channel) {
          const auto c = static_cast<std::size_t>(channel);
          const double t =
              (convolution(p, data, column, channel) - data.mean[c]) * data.gain[c] + data.beta[c];
          const double expected = t > 0 ? t : data.slope[c] * t;
          const double sum = p.shape().minimal() ? minimal_magnitude(p, data, column, channel)
                                                 : direct_magnitude(p, data, column, channel);
          const double magnitude =
              (sum + std::abs(data.mean[c])) * std::abs(data.gain[c]) + std::abs(data.beta[c]);
          const double got = y[static_cast<std::size_t>(column * p.shape().channels + channel)];
          if (std::abs(got - expected) > roundings * 0x1p-24 * magnitude) {
            FAIL("column " << column << ", channel " << channel << ": " << got << ", not " << expected);
          }
        }
      }
    }
  }
}

TEST_CASE("stem convolution: a prepared row of zeros is zeros") {
  for (const Problem& p : kProblems) {
    const std::vector<float> zeros(
        static_cast<std::size_t>(p.shape().input_width() * kImageChannels + kReadBeyond));
    std::vector<float> prepared(static_cast<std::size_t>(p.shape().prepared_values()), 1);
    floats::kernels_for(packed::kernels().name).stem.prepare(p.shape(), zeros.data(), prepared.data());
    prepared.pop_back();  // which pairs of integers read
    for (const float value : prepared) CHECK(value == 0);
  }
}

TEST_CASE("stem convolution: AVX-512 and AVX2 give equal bits") {
  std::vector<const floats::Kernels*> targets;
  for (const packed::Kernels* target : packed::available_kernels()) {
    if (std::strncmp(target->name, "avx", 3) != 0) continue;
    const floats::Kernels& kernels = floats::kernels_for(target->name);  // avx512bw has those of avx512
    if (targets.empty() || targets.back()->stem.row != kernels.stem.row) targets.push_back(&kernels);
  }
  if (targets.size() < 2) {
    WARN("this CPU has not both");
    return;
  }
  REQUIRE(targets[0]->stem.row != targets[1]->stem.row);
  for (const Problem& p : kProblems) {
    const Data data(p);
    const std::vector<float> a = compute(*targets[0], p, data), b = compute(*targets[1], p, data);
    CHECK(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
  }
}
