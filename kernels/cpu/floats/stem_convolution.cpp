#include "tern/kernels/cpu/floats/stem_convolution.h"

#include <cstddef>

#include "tern/kernels/cpu/floats/kernels.h"

namespace tern::floats {
namespace {

constexpr int kPhases = 2;  // even and odd columns

}  // namespace

int RowShape::prepared_values() const {
  // Minimal filtering writes two values beyond the last, pairs of numbers read one.
  return minimal() ? winograd::kPoints * tiles() * kPairTaps + 2 : input_width() * kImageChannels + 1;
}

std::vector<double> transform_filters(const RowShape& shape, const winograd::Matrices& matrices,
                                      const float* ohwi, int channels) {
  const int kernel = shape.kernel, row_weights = kernel * kImageChannels, weights = kernel * row_weights;
  if (!shape.minimal()) return {ohwi, ohwi + std::ptrdiff_t{channels} * weights};
  // [point][row][phase][image channel]
  const auto transformed = [&](int o, int at) {
    const int c = at % kImageChannels, phase = at / kImageChannels % kPhases, kh = at / kPairTaps % kernel,
              point = at / (kPairTaps * kernel);
    double sum = 0;
    for (int j = 0; 2 * j + phase < kernel; ++j) {
      sum += matrices.filter[point][j] *
             double{ohwi[o * weights + kh * row_weights + (2 * j + phase) * kImageChannels + c]};
    }
    return sum;
  };
  std::vector<double> filters;
  for (int o = 0; o < channels; ++o) {
    for (int at = 0; at < shape.taps(); ++at) filters.push_back(transformed(o, at));
  }
  return filters;
}

std::vector<float> arrange_weights(const RowShape& shape, const float* ohwi, int channels) {
  const std::vector<double> filters = transform_filters(shape, winograd::kMatrices, ohwi, channels);
  const std::vector<float> rounded(filters.begin(), filters.end());
  return arrange_filters(rounded.data(), channels, shape.taps());
}

}  // namespace tern::floats
