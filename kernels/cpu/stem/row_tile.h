// The loops over a row of output, one text for all targets. Included by the file of each target, which
// defines TERN_STEM_TARGET as the attribute that its functions need and hands in its vectors as `Simd`, a
// type of its own: so no code of one target can stand in for another's.
//
// A tile is kPixels pixels x kGroups groups of channels. Its sums stay in registers; a weight is loaded once
// per tile and an image value is broadcast once per group of channels.
#pragma once

#include <cstddef>

#include "kernels/cpu/stem/stem_convolution.h"

#ifndef TERN_STEM_TARGET
#define TERN_STEM_TARGET
#endif

namespace tern::stem {

template <class Simd, int kGroups, int kPixels, int kStride>
struct Tile {
  using Vector = typename Simd::Vector;
  static constexpr int kVectors = kGroup / Simd::kLanes;  // of a group
  static constexpr int kColumns = kGroups * kVectors;

  // x: the first tap of the first pixel. w: the first group's weights. y: the first pixel's first channel of
  // these groups.
  // Not inlined: the registers of the loop below are then its own.
  TERN_STEM_TARGET __attribute__((noinline)) static void run(const RowShape& s, const float* x,
                                                             const float* w, const Epilogue& e, float* y) {
    const int row_taps = s.kernel * kImageChannels;
    const std::ptrdiff_t group_size = static_cast<std::ptrdiff_t>(s.kernel) * row_taps * kGroup;
    Vector sums[kPixels][kColumns];
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
      for (int v = 0; v < kColumns; ++v) sums[p][v] = Simd::zero();
    }
    for (int kh = 0; kh < s.kernel; ++kh, x += static_cast<std::ptrdiff_t>(s.input_width) * kImageChannels) {
      for (int tap = 0; tap < row_taps; ++tap, w += kGroup) {
        Vector weights[kColumns];
#pragma GCC unroll 4
        for (int v = 0; v < kColumns; ++v) {
          weights[v] = Simd::load(w + v / kVectors * group_size + v % kVectors * Simd::kLanes);
        }
#pragma GCC unroll 16
        for (int p = 0; p < kPixels; ++p) {
          const Vector value = Simd::broadcast(x + p * kStride * kImageChannels + tap);
#pragma GCC unroll 4
          for (int v = 0; v < kColumns; ++v) sums[p][v] = Simd::multiply_add(weights[v], value, sums[p][v]);
        }
      }
    }
    finish(s, sums, e, y);
  }

 private:
  TERN_STEM_TARGET static void finish(const RowShape& s, const Vector (&sums)[kPixels][kColumns],
                                      const Epilogue& e, float* y) {
#pragma GCC unroll 4
    for (int v = 0; v < kColumns; ++v) {
      const int c = v * Simd::kLanes;
      const Vector mean = Simd::load(e.mean + c), gain = Simd::load(e.gain + c),
                   beta = Simd::load(e.beta + c), slope = Simd::load(e.slope + c);
#pragma GCC unroll 16
      for (int p = 0; p < kPixels; ++p) {
        const Vector t = Simd::add(Simd::multiply(Simd::subtract(sums[p][v], mean), gain), beta);
        Simd::store(y + static_cast<std::ptrdiff_t>(p) * s.channels + c,
                    Simd::where_positive(t, t, Simd::multiply(slope, t)));
      }
    }
  }
};

template <class Simd, int kGroups, int kStride>
TERN_STEM_TARGET inline void groups_of_row(const RowShape& s, const float* x, const float* w,
                                           const Epilogue& e, float* y) {
  constexpr int kPixels = Simd::kPixels;
  // The last tile moves back to fit, and computes some pixels again.
  const int wide_end = s.output_width < kPixels ? 0 : s.output_width;
  for (int first = 0; first < wide_end; first += kPixels) {
    const int p = first + kPixels <= wide_end ? first : wide_end - kPixels;
    Tile<Simd, kGroups, kPixels, kStride>::run(s,
                                               x + static_cast<std::ptrdiff_t>(p) * kStride * kImageChannels,
                                               w, e, y + static_cast<std::ptrdiff_t>(p) * s.channels);
  }
  for (int p = wide_end; p < s.output_width; ++p) {
    Tile<Simd, kGroups, 1, kStride>::run(s, x + static_cast<std::ptrdiff_t>(p) * kStride * kImageChannels, w,
                                         e, y + static_cast<std::ptrdiff_t>(p) * s.channels);
  }
}

template <class Simd, int kStride>
TERN_STEM_TARGET inline void row_of_stride(const RowShape& s, const float* x, const float* w,
                                           const Epilogue& e, float* y) {
  const std::ptrdiff_t group_size =
      static_cast<std::ptrdiff_t>(s.kernel) * s.kernel * kImageChannels * kGroup;
  int c = 0;
  const auto at = [](const Epilogue& all, int channel) {
    return Epilogue{all.mean + channel, all.gain + channel, all.beta + channel, all.slope + channel};
  };
  for (; c + Simd::kGroups * kGroup <= s.channels;
       c += Simd::kGroups * kGroup, w += Simd::kGroups * group_size) {
    groups_of_row<Simd, Simd::kGroups, kStride>(s, x, w, at(e, c), y + c);
  }
  for (; c < s.channels; c += kGroup, w += group_size) {
    groups_of_row<Simd, 1, kStride>(s, x, w, at(e, c), y + c);
  }
}

template <class Simd>
TERN_STEM_TARGET inline void row(const RowShape& s, const float* x, const float* w, const Epilogue& e,
                                 float* y) {
  s.stride == 1 ? row_of_stride<Simd, 1>(s, x, w, e, y) : row_of_stride<Simd, 2>(s, x, w, e, y);
}

}  // namespace tern::stem
