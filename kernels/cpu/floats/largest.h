// A window of a max pool; see target.h and Kernels::largest.
#pragma once

#include <cstddef>

#include "tern/kernels/cpu/floats/target.h"

namespace tern::floats {

template <class Simd>
TERN_FLOATS_TARGET void largest(const float* const* x, int rows, int columns, std::ptrdiff_t step,
                                int channels, bool first, float* y) {
  int c = 0;
  for (; c + Simd::kLanes <= channels; c += Simd::kLanes) {
    typename Simd::Vector best = Simd::load(first ? x[0] + c : y + c);
    for (int row = 0; row < rows; ++row) {
      const float* pixel = x[row] + c;
      for (int column = 0; column < columns; ++column, pixel += step) {
        best = Simd::larger(Simd::load(pixel), best);
      }
    }
    Simd::store(y + c, best);
  }
  for (; c < channels; ++c) {
    float best = first ? x[0][c] : y[c];
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const float value = x[row][column * step + c];
        best = value > best || value != value ? value : best;
      }
    }
    y[c] = best;
  }
}

}  // namespace tern::floats
