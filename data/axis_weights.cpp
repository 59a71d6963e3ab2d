#include "tern/data/axis_weights.h"

#include <algorithm>
#include <cmath>

namespace tern::resample {
namespace {

double bilinear(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

double bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

/// From output to input pixels. The filter widens where the image shrinks.
struct Scaling {
  double scale, filter_scale, support;
  int in_size;

  Scaling(int in_pixels, int out_pixels, Interpolation interpolation)
      : scale(static_cast<double>(in_pixels) / out_pixels),
        filter_scale(std::max(scale, 1.0)),
        support((interpolation == Interpolation::bicubic ? 2.0 : 1.0) * filter_scale),
        in_size(in_pixels) {}

  double center(int output) const { return (output + 0.5) * scale; }

  Taps taps(int output) const {
    const int first = std::max(static_cast<int>(center(output) - support + 0.5), 0);
    return {first, std::min(static_cast<int>(center(output) + support + 0.5), in_size) - first};
  }
};

template <double (*filter)(double)>
void write_weights(const Taps& taps, double center, double filter_scale, std::vector<double>& scratch,
                   std::int32_t* weights) {
  const double inverse_scale = 1.0 / filter_scale;
  double sum = 0.0;
  scratch.clear();
  for (int i = 0; i < taps.count; ++i) {
    scratch.push_back(filter((i + taps.first - center + 0.5) * inverse_scale));
    sum += scratch.back();
  }
  for (double weight : scratch) {
    if (sum != 0.0) weight /= sum;
    const double fixed = weight * (1 << kPrecisionBits);
    *weights++ = static_cast<std::int32_t>(fixed + (weight < 0 ? -0.5 : 0.5));
  }
}

}  // namespace

Span source_of(int in_size, int out_size, const Span& wanted, Interpolation interpolation) {
  if (in_size == out_size) return wanted;
  const Scaling scaling(in_size, out_size, interpolation);
  const Taps last = scaling.taps(wanted.first + wanted.count - 1);
  const int first = scaling.taps(wanted.first).first;
  return {first, last.first + last.count - first};
}

AxisWeights make_axis_weights(int in_size, int out_size, const Span& wanted, Interpolation interpolation) {
  const Scaling scaling(in_size, out_size, interpolation);
  AxisWeights axis;
  int most_taps = 0;
  for (int i = 0; i < wanted.count; ++i) {
    axis.taps.push_back(scaling.taps(wanted.first + i));
    most_taps = std::max(most_taps, axis.taps.back().count);
  }
  axis.stride = (most_taps + kTapGroup - 1) / kTapGroup * kTapGroup;
  axis.weights.resize(axis.taps.size() * static_cast<std::size_t>(axis.stride));
  const auto write =
      interpolation == Interpolation::bicubic ? write_weights<bicubic> : write_weights<bilinear>;
  std::vector<double> scratch;
  std::int32_t* weights = axis.weights.data();
  for (int i = 0; i < wanted.count; ++i, weights += axis.stride) {
    write(axis.taps[static_cast<std::size_t>(i)], scaling.center(wanted.first + i), scaling.filter_scale,
          scratch, weights);
  }
  return axis;
}

}  // namespace tern::resample
