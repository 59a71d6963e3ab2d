#include "tern/data/resample_passes.h"

#include <cstdlib>
#include <string_view>

namespace tern::resample {

std::span<const Passes* const> available_passes() {
  static const std::vector<const Passes*> available = [] {
    std::vector<const Passes*> found;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0) found.push_back(&kAvx2Passes);
#endif
    found.push_back(&kPortablePasses);
    return found;
  }();
  return available;
}

const Passes& passes() {
  static const Passes& chosen = [&]() -> const Passes& {
    const char* const variable = std::getenv("TERN_CPU");
    const std::string_view wanted = variable == nullptr ? "" : variable;
    const bool is_portable = wanted == "scalar" || wanted == "neon";
    return is_portable ? kPortablePasses : *available_passes().front();
  }();
  return chosen;
}

}  // namespace tern::resample
