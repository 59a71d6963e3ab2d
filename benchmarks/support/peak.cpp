#include "tern/benchmarks/support/peak.h"

namespace tern::bench {

std::string to_string(Peak peak) {
  switch (peak) {
    case Peak::copy:
      return "copy_gb_per_second";
    case Peak::fp32_fma:
      return "fp32_fma_gmac_per_second";
    case Peak::int8_dot:
      return "int8_dot_gmac_per_second";
    case Peak::bit_planes:
      return "bit_planes_gmac_per_second";
    default:
      return "ternary_gmac_per_second";
  }
}

}  // namespace tern::bench
