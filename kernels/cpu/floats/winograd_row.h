// Tiles of four pixels of a row of the output by minimal filtering (winograd.h); see target.h.
//
// A prepared row of the image holds, point by point, six values per tile: of the even and of the odd pixels
// each image channel. At each point a block is a small matrix product, whose sums stay in registers to its
// end.
#pragma once

#include <cstddef>
#include <cstring>

#include "tern/kernels/cpu/floats/vector_steps.h"
#include "tern/kernels/cpu/floats/winograd.h"

namespace tern::floats {

/// kUnits tiles x kGroups groups of channels.
template <class Simd, int kGroups, int kUnits>
struct WinogradBlock {
  using Value = typename Simd::Value;
  using Floats = typename Simd::Floats;
  using Vector = typename Simd::Vector;
  static constexpr int kVectors = kGroup / Simd::kLanes;  // of a group
  static constexpr int kColumns = kGroups * kVectors;
  static constexpr int kUnitPixels = winograd::kOutputs;
  static constexpr int kKernel = 7;
  static constexpr std::ptrdiff_t kPointWeights = std::ptrdiff_t{kKernel} * kPairTaps * kGroup;
  static constexpr std::ptrdiff_t kGroupWeights = winograd::kPoints * kPointWeights;

  static_assert(kPairTaps % Simd::kTaps == 0);

  static int units(const RowShape& s) { return s.tiles(); }
  static std::ptrdiff_t group_weights(const RowShape&) { return kGroupWeights; }

  TERN_FLOATS_TARGET TERN_FLOATS_NOINLINE static void run(const RowShape& s, const Value* const* rows,
                                                          int first, const Value* w, const Epilogue& e,
                                                          int channel, float* y) {
    Sums sums[winograd::kPoints];
    for (int point = 0; point < winograd::kPoints; ++point) {
      // The odd filters' fourth tap is zero, and at infinity there is nothing else.
      const int taps = point + 1 < winograd::kPoints ? kPairTaps : kImageChannels;
      sum_point(rows, (std::ptrdiff_t{point} * s.tiles() + first) * kPairTaps, w + point * kPointWeights,
                taps, sums[point]);
    }
    for (int v = 0; v < kColumns; ++v) {
      const int c = channel + v * Simd::kLanes;
      const EpilogueVectors<Floats> epilogue(e, c);
      for (int t = 0; t < kUnits; ++t)
        store_tile(sums, t, v, epilogue, (first + t) * winograd::kOutputs,
                   y + std::ptrdiff_t{t} * winograd::kOutputs * s.channels + c, s.channels);
    }
  }

 private:
  using Sums = Vector[kUnits][kColumns];

  TERN_FLOATS_TARGET TERN_FLOATS_NOINLINE static void sum_point(const Value* const* rows,
                                                                std::ptrdiff_t offset, const Value* w,
                                                                int taps, Sums& to) {
    Vector sums[kUnits][kColumns];
#pragma GCC unroll 16
    for (int t = 0; t < kUnits; ++t) {
#pragma GCC unroll 4
      for (int v = 0; v < kColumns; ++v) sums[t][v] = Simd::zero();
    }
    for (int kh = 0; kh < kKernel; ++kh) {
      for (int tap = 0; tap < taps; tap += Simd::kTaps) {
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
                                                               int v, const EpilogueVectors<Floats>& epilogue,
                                                               int pixel, float* y, int channels) {
    typename Floats::Vector values[winograd::kPoints];
#pragma GCC unroll 8
    for (int point = 0; point < winograd::kPoints; ++point)
      values[point] = Simd::to_floats(sums[point][t][v]);
#pragma GCC unroll 4
    for (int m = 0; m < winograd::kOutputs; ++m) {
      typename Floats::Vector output = Floats::zero();
#pragma GCC unroll 8
      for (int point = 0; point < winograd::kPoints; ++point) {
        const auto coefficient = static_cast<float>(Simd::kMatrices.output[m][point]);
        if (coefficient == 0) continue;
        output = Floats::multiply_add(Floats::broadcast(&coefficient), values[point], output);
      }
      Floats::store(y + std::ptrdiff_t{m} * channels, epilogue.apply(output, pixel + m));
    }
  }
};

/// Eight values of each pair of pixels are taken where six are meant: the two others are overwritten by the
/// next tile.
template <class Simd>
TERN_FLOATS_TARGET inline void prepare_winograd(const RowShape& s, const typename Simd::Value* x,
                                                typename Simd::Value* prepared) {
  using Value = typename Simd::Value;
  typedef Value Eight __attribute__((vector_size(8 * sizeof(Value))));
  for (const auto& row : Simd::kMatrices.input) {
    Value factors[winograd::kPoints];
    for (int i = 0; i < winograd::kPoints; ++i) factors[i] = static_cast<Value>(row[i]);
    for (int tile = 0; tile < s.tiles(); ++tile, prepared += kPairTaps) {
      const Value* pairs = x + std::ptrdiff_t{tile} * winograd::kOutputs * kPairTaps;
      Eight sums = {};
#pragma GCC unroll 8
      for (int i = 0; i < winograd::kPoints; ++i) {
        Eight values;
        std::memcpy(&values, pairs + i * kPairTaps, sizeof values);
        sums += values * factors[i];
      }
      std::memcpy(prepared, &sums, sizeof sums);
    }
  }
}

}  // namespace tern::floats
