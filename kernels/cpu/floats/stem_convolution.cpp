#include "tern/kernels/cpu/floats/stem_convolution.h"

#include <cstddef>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/kernels/cpu/floats/winograd.h"

namespace tern::floats {
namespace {

using namespace winograd;

constexpr int kPhases = 2;  // even and odd columns

}  // namespace

int RowShape::prepared_floats() const {
  return minimal() ? kPoints * tiles() * kPairTaps + 2 : input_width() * kImageChannels;
}

std::vector<float> arrange_weights(const RowShape& shape, const float* ohwi, int channels) {
  const int kernel = shape.kernel, row_taps = kernel * kImageChannels, taps = kernel * row_taps;
  if (!shape.minimal()) return arrange_filters(ohwi, channels, taps);
  // [point][row][phase][image channel]
  const auto transformed = [=](int o, int at) {
    const int c = at % kImageChannels, phase = at / kImageChannels % kPhases, kh = at / kPairTaps % kernel,
              point = at / (kPairTaps * kernel);
    double sum = 0;
    for (int j = 0; 2 * j + phase < kernel; ++j) {
      sum += kMatrices.filter[point][j] *
             double{ohwi[o * taps + kh * row_taps + (2 * j + phase) * kImageChannels + c]};
    }
    return static_cast<float>(sum);
  };
  constexpr int kTapsOfRow = kPoints * kPairTaps;
  std::vector<float> filters;
  for (int o = 0; o < channels; ++o) {
    for (int at = 0; at < kTapsOfRow * kernel; ++at) filters.push_back(transformed(o, at));
  }
  return arrange_filters(filters.data(), channels, kTapsOfRow * kernel);
}

}  // namespace tern::floats
