#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace tern {

/// How many elements of two vectors of the same length differ in a bit.
inline std::int64_t count_bitwise_unequal(const std::vector<float>& a, const std::vector<float>& b) {
  std::int64_t different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) ++different;
  }
  return different;
}

}  // namespace tern
