// What a machine can do at most, as measured by peak_probe.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tern::bench {

enum class Peak : std::uint8_t {
  copy,        ///< GB/s, read and written, of a copy larger than the caches
  fp32_fma,    ///< GMAC/s, as all that follow
  int8_dot,    ///< products of bytes added up in 32 bits; on a GPU by mma.sync
  bit_planes,  ///< ternary products on sign and mask words, two popcounts per word of products
  ternary,     ///< the same products as kernels/cpu/packed computes them: one popcount of what a carry-save
               ///< step lets through, or look-ups of their sums
};

/// "copy_gb_per_second", "fp32_fma_gmac_per_second", ...: the key in JSON.
std::string to_string(Peak peak);

/// Those that were measured.
using Peaks = std::map<Peak, double>;

}  // namespace tern::bench
