#include "tern/kernels/cpu/floats/int16_weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace tern::floats {
namespace {

constexpr double kMostWeight = std::numeric_limits<std::int16_t>::max(),
                 kMostSum = std::numeric_limits<std::int32_t>::max();
/// Smaller ones, of filters that are as good as zero, would bring infinities into what is divided by them.
constexpr double kLeastScale = 1e-20;
constexpr int kPair = 2;

/// The largest magnitude that the factor of each tap of a filter can have.
std::vector<double> largest_inputs(const RowShape& shape, const PixelRanges& ranges) {
  std::vector<double> largest;
  for (int tap = 0; tap < shape.taps(); ++tap) {
    const PixelRange& range = ranges[static_cast<std::size_t>(tap % kImageChannels)];
    double low = range.low, high = range.high;
    if (shape.minimal()) {
      low = high = 0;
      for (const double factor : winograd::kIntegerMatrices.input[tap / (shape.kernel * shape.row_taps())]) {
        low += factor * (factor > 0 ? range.low : range.high);
        high += factor * (factor > 0 ? range.high : range.low);
      }
    }
    largest.push_back(std::max(-low, high));
  }
  return largest;
}

double scale_of(const RowShape& shape, const double* filter, const std::vector<double>& inputs) {
  const auto taps_of_sum = static_cast<std::size_t>(shape.kernel * shape.row_taps());
  double scale = kLeastScale;
  for (std::size_t first = 0; first < inputs.size(); first += taps_of_sum) {
    double largest = 0, sum = 0, roundings = 0;
    for (std::size_t tap = first; tap < first + taps_of_sum; ++tap) {
      largest = std::max(largest, std::abs(filter[tap]));
      sum += std::abs(filter[tap]) * inputs[tap];
      roundings += inputs[tap] / 2;
    }
    scale = std::max({scale, largest / kMostWeight, sum / (kMostSum - roundings)});
  }
  // The next larger float: of a smaller one a weight could exceed its bits.
  return std::nextafter(static_cast<float>(scale), std::numeric_limits<float>::max());
}

}  // namespace

Int16Weights arrange_int16_weights(const RowShape& shape, const float* ohwi, int channels,
                                   const PixelRanges& ranges) {
  const std::vector<double> filters = transform_filters(shape, winograd::kIntegerMatrices, ohwi, channels);
  const std::vector<double> inputs = largest_inputs(shape, ranges);
  const int row_taps = shape.row_taps(), row_pairs = (row_taps + kPair - 1) / kPair,
            pairs = shape.sums() * shape.kernel * row_pairs;
  Int16Weights weights;
  weights.values.resize(static_cast<std::size_t>(padded_channels(channels) * pairs * kPair));
  weights.scale.resize(static_cast<std::size_t>(padded_channels(channels)), 1);
  for (int o = 0; o < channels; ++o) {
    const double* filter = filters.data() + std::ptrdiff_t{o} * shape.taps();
    const double scale = scale_of(shape, filter, inputs);
    weights.scale[static_cast<std::size_t>(o)] = static_cast<float>(scale);
    std::int16_t* group = weights.values.data() + std::ptrdiff_t{o / kGroup} * pairs * kPair * kGroup;
    for (int tap = 0; tap < shape.taps(); ++tap) {
      const int pair = tap / row_taps * row_pairs + tap % row_taps / kPair;
      group[(pair * kGroup + o % kGroup) * kPair + tap % row_taps % kPair] =
          static_cast<std::int16_t>(std::lrint(filter[tap] / scale));
    }
  }
  return weights;
}

}  // namespace tern::floats
