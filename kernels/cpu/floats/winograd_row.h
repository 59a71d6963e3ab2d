// Tiles of four pixels of a row of the output by minimal filtering (winograd.h); see target.h.
//
// A prepared row of the image holds, point by point, six values per tile: of the even and of the odd pixels
// each image channel. At each point a block is a small matrix product, whose sums stay in registers to its
// end.
#pragma once

#include <cstddef>

#include "tern/kernels/cpu/floats/vector_steps.h"
#include "tern/kernels/cpu/floats/winograd.h"

namespace tern::floats {

/// kUnits tiles x kGroups groups of channels.
template <class Simd, int kGroups, int kUnits>
struct WinogradBlock {
  using Vector = typename Simd::Vector;
  static constexpr int kVectors = kGroup / Simd::kLanes;  // of a group
  static constexpr int kColumns = kGroups * kVectors;
  static constexpr int kUnitPixels = winograd::kOutputs;
  static constexpr int kKernel = 7;
  static constexpr std::ptrdiff_t kPointWeights = std::ptrdiff_t{kKernel} * kPairTaps * kGroup;
  static constexpr std::ptrdiff_t kGroupWeights = winograd::kPoints * kPointWeights;

  static int units(const RowShape& s) { return s.tiles(); }
  static std::ptrdiff_t group_weights(const RowShape&) { return kGroupWeights; }

  TERN_FLOATS_TARGET TERN_FLOATS_NOINLINE static void run(const RowShape& s, const float* const* rows,
                                                          int first, const float* w, const Epilogue& e,
                                                          float* y) {
    Sums sums[winograd::kPoints];
    for (int point = 0; point < winograd::kPoints; ++point) {
      // The odd filters' fourth tap is zero, and at infinity there is nothing else.
      const int taps = point + 1 < winograd::kPoints ? kPairTaps : kImageChannels;
      sum_point(rows, (std::ptrdiff_t{point} * s.tiles() + first) * kPairTaps, w + point * kPointWeights,
                taps, sums[point]);
    }
    for (int v = 0; v < kColumns; ++v) {
      const EpilogueVectors<Simd> epilogue(e, v * Simd::kLanes);
      float* pixel = y + v * Simd::kLanes;
      for (int t = 0; t < kUnits; ++t, pixel += winograd::kOutputs * s.channels) {
        store_tile(sums, t, v, epilogue, pixel, s.channels);
      }
    }
  }

 private:
  using Sums = Vector[kUnits][kColumns];

  TERN_FLOATS_TARGET TERN_FLOATS_NOINLINE static void sum_point(const float* const* rows,
                                                                std::ptrdiff_t offset, const float* w,
                                                                int taps, Sums& to) {
    Vector sums[kUnits][kColumns];
#pragma GCC unroll 16
    for (int t = 0; t < kUnits; ++t) {
#pragma GCC unroll 4
      for (int v = 0; v < kColumns; ++v) sums[t][v] = Simd::zero();
    }
    for (int kh = 0; kh < kKernel; ++kh) {
      for (int tap = 0; tap < taps; ++tap) {
        add_products<Simd, kGroups, kUnits, kPairTaps>(w + (kh * kPairTaps + tap) * kGroup, kGroupWeights,
                                                       rows[kh] + offset + tap, sums);
      }
    }
#pragma GCC unroll 16
    for (int t = 0; t < kUnits; ++t) {
#pragma GCC unroll 4
      for (int v = 0; v < kColumns; ++v) to[t][v] = sums[t][v];
    }
  }

  /// The four pixels of a tile. All coefficients are known here: those that are zero cost nothing.
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static void store_tile(const Sums (&sums)[winograd::kPoints], int t,
                                                               int v, const EpilogueVectors<Simd>& epilogue,
                                                               float* pixel, int channels) {
#pragma GCC unroll 4
    for (int m = 0; m < winograd::kOutputs; ++m) {
      Vector output = Simd::zero();
#pragma GCC unroll 8
      for (int point = 0; point < winograd::kPoints; ++point) {
        const auto coefficient = static_cast<float>(winograd::kMatrices.output[m][point]);
        if (coefficient == 0) continue;
        output = Simd::multiply_add(Simd::broadcast(&coefficient), sums[point][t][v], output);
      }
      Simd::store(pixel + std::ptrdiff_t{m} * channels, epilogue.apply(output));
    }
  }
};

/// Eight values of each pair of pixels are taken where six are meant: the two others are overwritten by the
/// next tile.
TERN_FLOATS_TARGET inline void prepare_winograd(const RowShape& s, const float* x, float* prepared) {
  constexpr int kValues = 8;
  for (const auto& factors : winograd::kMatrices.input) {
    for (int tile = 0; tile < s.tiles(); ++tile, prepared += kPairTaps) {
      const float* pairs = x + std::ptrdiff_t{tile} * winograd::kOutputs * kPairTaps;
      float sums[kValues] = {};
      for (int i = 0; i < winograd::kPoints; ++i) {
        const auto factor = static_cast<float>(factors[i]);
        for (int j = 0; j < kValues; ++j) sums[j] += factor * pairs[i * kPairTaps + j];
      }
      for (int j = 0; j < kValues; ++j) prepared[j] = sums[j];
    }
  }
}

}  // namespace tern::floats
