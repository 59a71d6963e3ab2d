#include "kernels/cpu/stem/stem_convolution.h"

#include <cstddef>
#include <string_view>

namespace tern::stem {

std::vector<float> arrange_weights(const float* ohwi, int channels, int kernel) {
  const int taps = kernel * kernel * kImageChannels;
  std::vector<float> arranged(static_cast<std::size_t>(padded_channels(channels)) * taps, 0.0F);
  for (int o = 0; o < channels; ++o) {
    float* group = arranged.data() + static_cast<std::ptrdiff_t>(o / kGroup) * taps * kGroup;
    for (int tap = 0; tap < taps; ++tap) group[tap * kGroup + o % kGroup] = ohwi[o * taps + tap];
  }
  return arranged;
}

Row row_for([[maybe_unused]] const char* target) {
#if defined(__x86_64__)
  const std::string_view name(target);
  if (name == "avx512") return &row_avx512;
  if (name == "avx2") return &row_avx2;
#endif
  return &row_portable;
}

}  // namespace tern::stem
