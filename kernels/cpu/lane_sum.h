// Sums in double over a range, in lanes.
#pragma once

#include <array>
#include <cstdint>

namespace tern::kernels::cpu {

/// term(first) + ... + term(last - 1) in double, in eight lanes that are added up at the end: one order on
/// every CPU, which the compiler may compute in vectors, where the order of a plain loop would have each
/// addition wait for the one before.
template <class Term>  // double or float(std::int64_t i)
double lane_sum(std::int64_t first, std::int64_t last, const Term& term) {
  constexpr std::int64_t kLanes = 8;
  std::array<double, kLanes> lanes{};
  std::int64_t i = first;
  for (; i + kLanes <= last; i += kLanes) {
#pragma omp simd
    for (std::int64_t k = 0; k < kLanes; ++k) lanes[static_cast<std::size_t>(k)] += term(i + k);
  }
  for (std::int64_t k = 0; i < last; ++i, ++k) lanes[static_cast<std::size_t>(k)] += term(i);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

}  // namespace tern::kernels::cpu
