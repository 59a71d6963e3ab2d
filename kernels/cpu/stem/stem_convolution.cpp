#include "tern/kernels/cpu/stem/stem_convolution.h"

#include <cstddef>
#include <string_view>

#include "tern/kernels/cpu/stem/winograd.h"

namespace tern::stem {
namespace {

using namespace winograd;

constexpr int kPhases = 2;  // even and odd columns

/// [group][tap][16] of `taps` numbers per filter that `at(filter, tap)` gives.
template <class At>
std::vector<float> in_groups(int channels, int taps, const At& at) {
  std::vector<float> arranged(static_cast<std::size_t>(padded_channels(channels)) *
                              static_cast<std::size_t>(taps));
  for (int o = 0; o < channels; ++o) {
    float* group = arranged.data() + static_cast<std::ptrdiff_t>(o / kGroup) * taps * kGroup;
    for (int tap = 0; tap < taps; ++tap) group[tap * kGroup + o % kGroup] = static_cast<float>(at(o, tap));
  }
  return arranged;
}

}  // namespace

int RowShape::prepared_floats() const {
  return minimal() ? kPoints * tiles() * kPairTaps + 2 : input_width() * kImageChannels;
}

std::vector<float> arrange_weights(const RowShape& shape, const float* ohwi, int channels) {
  const int kernel = shape.kernel, row_taps = kernel * kImageChannels, taps = kernel * row_taps;
  if (!shape.minimal())
    return in_groups(channels, taps, [=](int o, int tap) { return ohwi[o * taps + tap]; });
  // [point][row][phase][image channel]
  const auto transformed = [=](int o, int at) {
    const int c = at % kImageChannels, phase = at / kImageChannels % kPhases, kh = at / kPairTaps % kernel,
              point = at / (kPairTaps * kernel);
    double sum = 0;
    for (int j = 0; 2 * j + phase < kernel; ++j) {
      sum += kMatrices.filter[point][j] *
             double{ohwi[o * taps + kh * row_taps + (2 * j + phase) * kImageChannels + c]};
    }
    return sum;
  };
  return in_groups(channels, kPoints * kernel * kPairTaps, transformed);
}

const Kernels& kernels_for([[maybe_unused]] const char* target) {
#if defined(__x86_64__)
  const std::string_view name(target);
  if (name == "avx512") return avx512_kernels();
  if (name == "avx2") return avx2_kernels();
#endif
  return portable_kernels();
}

}  // namespace tern::stem
