// Pixels of a row of the output as the plain sum, for stride 1; see target.h.
#pragma once

#include <cstddef>

#include "tern/kernels/cpu/floats/vector_steps.h"

namespace tern::floats {

/// kUnits pixels x kGroups groups of channels, whose sums stay in registers: a weight is loaded once, an
/// image value broadcast once.
template <class Simd, int kGroups, int kUnits>
struct DirectBlock {
  using Value = typename Simd::Value;
  using Vector = typename Simd::Vector;
  static constexpr int kVectors = kGroup / Simd::kLanes;  // of a group
  static constexpr int kColumns = kGroups * kVectors;
  static constexpr int kUnitPixels = 1;

  static int units(const RowShape& s) { return s.output_width; }
  static int row_steps(const RowShape& s) { return (s.row_taps() + Simd::kTaps - 1) / Simd::kTaps; }
  static std::ptrdiff_t group_weights(const RowShape& s) {
    return std::ptrdiff_t{kGroup} * Simd::kTaps * row_steps(s) * s.kernel;
  }

  TERN_FLOATS_TARGET TERN_FLOATS_NOINLINE static void run(const RowShape& s, const Value* const* rows,
                                                          int first, const Value* w, const Epilogue& e,
                                                          int channel, float* y) {
    using Floats = typename Simd::Floats;
    const int steps = row_steps(s);
    Vector sums[kUnits][kColumns];
#pragma GCC unroll 16
    for (int p = 0; p < kUnits; ++p) {
#pragma GCC unroll 4
      for (int v = 0; v < kColumns; ++v) sums[p][v] = Simd::zero();
    }
    for (int kh = 0; kh < s.kernel; ++kh) {
      const Value* x = rows[kh] + static_cast<std::ptrdiff_t>(first) * kImageChannels;
      for (int step = 0; step < steps; ++step, x += Simd::kTaps, w += kGroup * Simd::kTaps) {
        add_products<Simd, kGroups, kUnits, kImageChannels>(w, group_weights(s), x, sums);
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < kColumns; ++v) {
      const EpilogueVectors<Floats> epilogue(e, channel + v * Simd::kLanes);
#pragma GCC unroll 16
      for (int p = 0; p < kUnits; ++p) {
        Floats::store(y + static_cast<std::ptrdiff_t>(p) * s.channels + channel + v * Simd::kLanes,
                      epilogue.apply(Simd::to_floats(sums[p][v]), first + p));
      }
    }
  }
};

}  // namespace tern::floats
