#include <array>
#include <bit>
#include <cstddef>

#include "tern/benchmarks/support/peak_loops.h"

namespace tern::bench {
namespace {

/// Makes the compiler believe that all memory it knows has changed, so that it computes everything anew.
inline void renew(void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

// What a vector loop needs to be unrolled over.
constexpr std::size_t kElements = 256;

template <class Element, class Sum>
double dot(std::int64_t steps) {
  std::array<Element, kElements> a, b;
  std::array<Sum, kElements> sums{};
  a.fill(1);
  b.fill(1);
  for (std::int64_t step = 0; step < steps; ++step) {
    renew(a.data());
    for (std::size_t i = 0; i < kElements; ++i) sums[i] += static_cast<Sum>(a[i]) * b[i];
  }
  renew(sums.data());
  return static_cast<double>(steps) * kElements;
}

struct Planes {
  std::uint64_t sign, mask;
};

// One word of a pixel with those of 8 filters.
constexpr std::size_t kFilters = 8;

double bit_planes(std::int64_t steps) {
  std::array<Planes, kFilters> filters;
  std::array<int, kFilters> sums{};
  filters.fill({5, 7});
  Planes x{3, 7};
  for (std::int64_t step = 0; step < steps; ++step) {
    renew(&x);
    for (std::size_t f = 0; f < kFilters; ++f) {
      const std::uint64_t both = x.mask & filters[f].mask, differ = both & (x.sign ^ filters[f].sign);
      sums[f] += std::popcount(both) - 2 * std::popcount(differ);
    }
  }
  renew(sums.data());
  return static_cast<double>(steps) * kFilters * 64;
}

double ternary(std::int64_t steps) {
  std::array<Planes, kFilters> filters;
  std::array<std::uint64_t, kFilters> ones{};
  std::array<int, kFilters> counts{};
  filters.fill({5, 7});
  Planes x{3, 7};
  for (std::int64_t step = 0; step < steps; ++step) {
    renew(&x);
    for (std::size_t f = 0; f < kFilters; ++f) {
      const std::uint64_t differ = x.sign ^ filters[f].sign, both = x.mask & filters[f].mask;
      counts[f] += std::popcount((both & differ) | (~both & ones[f]));
      ones[f] ^= ~both;
    }
  }
  renew(counts.data());
  return static_cast<double>(steps) * kFilters * 64;
}

}  // namespace

const PeakLoops& portable_peak_loops() {
  static constexpr PeakLoops loops{"portable", dot<float, float>, dot<std::int8_t, std::int32_t>, bit_planes,
                                   ternary};
  return loops;
}

}  // namespace tern::bench
