#include "tern/models/engine/steps/int16_stem.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "tern/kernels/cpu/floats/int16_weights.h"
#include "tern/models/engine/padded.h"

namespace tern::engine {
namespace {

using floats::kImageChannels;

constexpr int kWhite = 255;

int zero_point(const InputSection& input, std::size_t channel) {
  return static_cast<int>(std::lrint(std::clamp(kWhite * input.mean[channel], 0.0, double{kWhite})));
}

/// For pixels from which their zero point was subtracted.
std::vector<float> weights_of_pixels(const InputSection& input, std::vector<float> ohwi) {
  for (std::size_t i = 0; i < ohwi.size(); ++i) {
    ohwi[i] = static_cast<float>(double{ohwi[i]} / (kWhite * input.std[i % kImageChannels]));
  }
  return ohwi;
}

}  // namespace

std::vector<std::int16_t> zero_points(const InputSection& input, int width) {
  std::vector<std::int16_t> points;
  for (int i = 0; i < width; ++i) {
    for (std::size_t c = 0; c < kImageChannels; ++c) {
      points.push_back(static_cast<std::int16_t>(zero_point(input, c)));
    }
  }
  return points;
}

StemFilter<std::int16_t>::Terms int16_stem_terms(const InputSection& input, const floats::RowShape& shape,
                                                 const Axis& down, const Axis& across,
                                                 const std::vector<float>& ohwi, const NormTerms& norm,
                                                 const std::vector<float>& slope) {
  const std::vector<float> weights = weights_of_pixels(input, ohwi);
  floats::PixelRanges ranges{};
  double left[kImageChannels] = {};  // of the mean
  for (std::size_t c = 0; c < kImageChannels; ++c) {
    const int zero = zero_point(input, c);
    ranges[c] = {-zero, kWhite - zero};
    left[c] = zero - kWhite * input.mean[c];
  }
  const std::size_t channels = norm.mean.size(), kernel = static_cast<std::size_t>(shape.kernel);
  floats::Int16Weights arranged =
      floats::arrange_int16_weights(shape, weights.data(), static_cast<int>(channels), ranges);
  const auto bias = [&](std::size_t channel, WindowMeans::Taps rows, WindowMeans::Taps columns) {
    double sum = 0;
    for (int row = rows.begin; row < rows.end; ++row) {
      for (int column = columns.begin; column < columns.end; ++column) {
        const std::size_t tap =
            (channel * kernel + static_cast<std::size_t>(row)) * kernel + static_cast<std::size_t>(column);
        for (std::size_t c = 0; c < kImageChannels; ++c) sum += weights[tap * kImageChannels + c] * left[c];
      }
    }
    return sum;
  };
  // z = scale * sum + bias, so that (z - mean) * gain = (sum - (mean - bias) / scale) * (gain * scale).
  const auto mean_of = [&](WindowMeans::Taps rows, WindowMeans::Taps columns) {
    std::vector<float> means;
    for (std::size_t o = 0; o < channels; ++o) {
      means.push_back(static_cast<float>((norm.mean[o] - bias(o, rows, columns)) / arranged.scale[o]));
    }
    return padded(std::move(means), floats::kGroup);
  };
  std::vector<float> gain = norm.gain;
  for (std::size_t o = 0; o < channels; ++o) gain[o] *= arranged.scale[o];
  return {std::move(arranged.values), WindowMeans(down, across, shape.computed_width(), mean_of),
          padded(std::move(gain), floats::kGroup), padded(norm.beta, floats::kGroup),
          padded(slope, floats::kGroup)};
}

}  // namespace tern::engine
