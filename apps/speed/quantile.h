#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace tern {

/// The value that a share `q` of the samples, which are sorted and at least one, lies below; between two of
/// them in proportion.
inline double quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - std::floor(position));
}

}  // namespace tern
