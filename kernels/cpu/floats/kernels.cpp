#include "tern/kernels/cpu/floats/kernels.h"

#include <string_view>

namespace tern::floats {

std::vector<float> arrange_filters(const float* weights, int filters, int taps) {
  std::vector<float> arranged(static_cast<std::size_t>(padded_channels(filters)) *
                              static_cast<std::size_t>(taps));
  for (int f = 0; f < filters; ++f, weights += taps) {
    float* group = arranged.data() + static_cast<std::ptrdiff_t>(f / kGroup) * taps * kGroup;
    for (int tap = 0; tap < taps; ++tap) group[std::ptrdiff_t{tap} * kGroup + f % kGroup] = weights[tap];
  }
  return arranged;
}

const Kernels& kernels_for([[maybe_unused]] const char* target) {
#if defined(__x86_64__)
  const std::string_view name(target);
  if (name == "avx512" || name == "avx512bw") {
    return __builtin_cpu_supports("avx512vnni") ? avx512_vnni_kernels() : avx512_kernels();
  }
  if (name == "avx2") return avx2_kernels();
#endif
  return portable_kernels();
}

}  // namespace tern::floats
