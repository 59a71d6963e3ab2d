// Pixels of a row of the output as the plain sum, for stride 1; see target.h.
#pragma once

#include <cstddef>

#include "tern/kernels/cpu/floats/vector_steps.h"

namespace tern::floats {

/// kUnits pixels x kGroups groups of channels, whose sums stay in registers: a weight is loaded once, an
/// image value broadcast once.
template <class Simd, int kGroups, int kUnits>
struct DirectBlock {
  using Vector = typename Simd::Vector;
  static constexpr int kVectors = kGroup / Simd::kLanes;  // of a group
  static constexpr int kColumns = kGroups * kVectors;
  static constexpr int kUnitPixels = 1;

  static int units(const RowShape& s) { return s.output_width; }
  static std::ptrdiff_t group_weights(const RowShape& s) {
    return std::ptrdiff_t{kGroup} * kImageChannels * s.kernel * s.kernel;
  }

  TERN_FLOATS_TARGET TERN_FLOATS_NOINLINE static void run(const RowShape& s, const float* const* rows,
                                                          int first, const float* w, const Epilogue& e,
                                                          float* y) {
    Vector sums[kUnits][kColumns];
#pragma GCC unroll 16
    for (int p = 0; p < kUnits; ++p) {
#pragma GCC unroll 4
      for (int v = 0; v < kColumns; ++v) sums[p][v] = Simd::zero();
    }
    for (int kh = 0; kh < s.kernel; ++kh) {
      const float* x = rows[kh] + static_cast<std::ptrdiff_t>(first) * kImageChannels;
      for (int tap = 0; tap < s.kernel * kImageChannels; ++tap, ++x, w += kGroup) {
        add_products<Simd, kGroups, kUnits, kImageChannels>(w, group_weights(s), x, sums);
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < kColumns; ++v) {
      const EpilogueVectors<Simd> epilogue(e, v * Simd::kLanes);
#pragma GCC unroll 16
      for (int p = 0; p < kUnits; ++p) {
        Simd::store(y + static_cast<std::ptrdiff_t>(p) * s.channels + v * Simd::kLanes,
                    epilogue.apply(sums[p][v]));
      }
    }
  }
};

}  // namespace tern::floats
