// Float convolutions of any window, and linear layers; see target.h and Kernels::windows.
//
// A block of windows x filters has its sums in registers: at each tap a few vectors of weights are loaded,
// and each window's value is broadcast once. With 14 windows x 32 filters on AVX-512 (6 x 16 on AVX2), loads
// are a small part of the multiplications and additions. Products are rounded, so a sum costs two
// instructions where a fused multiply-add would be one; but its bits are the same on every CPU.
#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/kernels/cpu/floats/target.h"

namespace tern::floats {

/// Where the results of a block go.
struct BlockOutput {
  const float* bias;
  float* y;
  std::ptrdiff_t y_step;
  int filters;  ///< Of the block; those beyond are not stored.
};

/// kWindows windows x kVectors vectors of filters.
template <class Simd, int kWindows, int kVectors>
struct WindowBlock {
  using Vector = typename Simd::Vector;
  static constexpr int kVectorsOfGroup = kGroup / Simd::kLanes;
  /// Windows that share a pointer, from which the others are reached with one index register.
  static constexpr int kShared = 3;
  static constexpr int kPointers = (kWindows + kShared - 1) / kShared;

  TERN_FLOATS_TARGET TERN_FLOATS_NOINLINE static void run(const Windows& s, const float* weights,
                                                          const BlockOutput& out) {
    Vector sums[kWindows][kVectors];
#pragma GCC unroll 16
    for (int p = 0; p < kWindows; ++p) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sums[p][v] = Simd::zero();
    }
    const std::ptrdiff_t group_floats = std::ptrdiff_t{s.rows} * s.row_values * kGroup, step = s.step_floats;
    for (int row = 0; row < s.rows; ++row) {
      const float* x[kPointers];
#pragma GCC unroll 8
      for (int i = 0; i < kPointers; ++i) x[i] = s.x + row * s.row_floats + i * kShared * step;
      for (int tap = 0; tap < s.row_values; ++tap, weights += kGroup) {
        add_tap(weights, group_floats, x, step, sums);
#pragma GCC unroll 8
        for (int i = 0; i < kPointers; ++i) ++x[i];
      }
    }
    store(sums, out);
  }

 private:
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static void add_tap(const float* weights, std::ptrdiff_t group_floats,
                                                            const float* const (&x)[kPointers],
                                                            std::ptrdiff_t step,
                                                            Vector (&sums)[kWindows][kVectors]) {
    Vector w[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      w[v] = Simd::load(weights + v / kVectorsOfGroup * group_floats + v % kVectorsOfGroup * Simd::kLanes);
    }
#pragma GCC unroll 16
    for (int p = 0; p < kWindows; ++p) {
      const Vector value = Simd::broadcast(x[p / kShared] + p % kShared * step);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sums[p][v] = Simd::add(sums[p][v], Simd::multiply(w[v], value));
    }
  }

  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static void store(const Vector (&sums)[kWindows][kVectors],
                                                          const BlockOutput& out) {
    constexpr int kFilters = kVectors * Simd::kLanes;
    float values[kFilters];
#pragma GCC unroll 16
    for (int p = 0; p < kWindows; ++p) {
      float* y = out.y + p * out.y_step;
      float* to = out.filters >= kFilters ? y : values;
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        Simd::store(to + v * Simd::kLanes, Simd::add(sums[p][v], Simd::load(out.bias + v * Simd::kLanes)));
      }
      if (to == values) std::memcpy(y, values, static_cast<std::size_t>(out.filters) * sizeof(float));
    }
  }
};

/// Blocks of a number of filters, by the number of their windows.
template <class Simd, int kVectors>
struct WindowBlocks {
  using Run = void (*)(const Windows&, const float*, const BlockOutput&);

  template <int... kCounts>
  static Run of(int windows, std::integer_sequence<int, kCounts...>) {
    static constexpr Run kRuns[] = {&WindowBlock<Simd, kCounts + 1, kVectors>::run...};
    return kRuns[windows - 1];
  }
  static Run of(int windows) { return of(windows, std::make_integer_sequence<int, Simd::kUnits>()); }
};

/// Pieces of nearly equal length, each of at most Simd::kUnits windows.
template <class Simd, int kVectors>
TERN_FLOATS_TARGET void block_row(const Windows& s, int count, const float* weights, const BlockOutput& out) {
  const int pieces = (count + Simd::kUnits - 1) / Simd::kUnits;
  for (int i = 0; i < pieces; ++i) {
    const int first = count * i / pieces, last = count * (i + 1) / pieces;
    Windows piece = s;
    piece.x += first * s.step_floats;
    WindowBlocks<Simd, kVectors>::of(last - first)(
        piece, weights, {out.bias, out.y + first * out.y_step, out.y_step, out.filters});
  }
}

template <class Simd>
TERN_FLOATS_TARGET void windows(const Windows& s, int count, const float* weights, const float* bias,
                                int filters, float* y, std::ptrdiff_t y_step) {
  constexpr int kOfGroup = kGroup / Simd::kLanes, kWide = Simd::kGroups * kGroup;
  constexpr int kDeepVectors = 8, kDeep = kDeepVectors * Simd::kLanes;  // for a window alone
  const std::ptrdiff_t taps = std::ptrdiff_t{s.rows} * s.row_values;
  for (int first = 0; first < filters;) {
    const int left = filters - first;
    const BlockOutput out{bias + first, y + first, y_step, left};
    const float* w = weights + first * taps;
    if (count == 1 && padded_channels(left) >= kDeep) {
      WindowBlock<Simd, 1, kDeepVectors>::run(s, w, out);
      first += kDeep;
    } else if (padded_channels(left) >= kWide) {
      block_row<Simd, Simd::kGroups * kOfGroup>(s, count, w, out);
      first += kWide;
    } else {
      block_row<Simd, kOfGroup>(s, count, w, out);
      first += kGroup;
    }
  }
}

}  // namespace tern::floats
