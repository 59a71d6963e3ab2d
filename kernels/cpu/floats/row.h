// A row of the output in blocks of pixels and channels, for all targets; see target.h.
#pragma once

#include <cstddef>
#include <cstring>

#include "tern/kernels/cpu/floats/direct_row.h"
#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/kernels/cpu/floats/winograd_row.h"

namespace tern::floats {

template <class Simd, int kGroups, template <class, int, int> class Block>
TERN_FLOATS_TARGET inline void groups_of_row(const RowShape& s, const typename Simd::Value* const* rows,
                                             const typename Simd::Value* w, const Epilogue& e, int channel,
                                             float* y) {
  using Wide = Block<Simd, kGroups, Simd::kUnits>;
  const std::ptrdiff_t unit = std::ptrdiff_t{Wide::kUnitPixels} * s.channels;
  // The last block moves back to fit, and computes some pixels again.
  const int units = Wide::units(s), wide_end = units < Simd::kUnits ? 0 : units;
  for (int first = 0; first < wide_end; first += Simd::kUnits) {
    const int u = first + Simd::kUnits <= wide_end ? first : wide_end - Simd::kUnits;
    Wide::run(s, rows, u, w, e, channel, y + u * unit);
  }
  for (int u = wide_end; u < units; ++u) {
    Block<Simd, kGroups, 1>::run(s, rows, u, w, e, channel, y + u * unit);
  }
}

template <class Simd, template <class, int, int> class Block>
TERN_FLOATS_TARGET inline void blocks_of_row(const RowShape& s, const typename Simd::Value* const* rows,
                                             const typename Simd::Value* w, const Epilogue& e, float* y) {
  const std::ptrdiff_t group_weights = Block<Simd, 1, 1>::group_weights(s);
  for (int c = 0; c < s.channels;) {
    const int groups = c + Simd::kGroups * kGroup <= s.channels ? Simd::kGroups : 1;
    groups == 1 ? groups_of_row<Simd, 1, Block>(s, rows, w, e, c, y)
                : groups_of_row<Simd, Simd::kGroups, Block>(s, rows, w, e, c, y);
    w += groups * group_weights;
    c += groups * kGroup;
  }
}

template <class Simd>
struct StemRows {
  using Value = typename Simd::Value;

  TERN_FLOATS_TARGET static void prepare(const RowShape& s, const Value* x, Value* prepared) {
    if (s.minimal()) return prepare_winograd<Simd>(s, x, prepared);
    std::memcpy(prepared, x, static_cast<std::size_t>(s.input_width() * kImageChannels) * sizeof(Value));
  }
  TERN_FLOATS_TARGET static void row(const RowShape& s, const Value* const* rows, const Value* w,
                                     const Epilogue& e, float* y) {
    s.minimal() ? blocks_of_row<Simd, WinogradBlock>(s, rows, w, e, y)
                : blocks_of_row<Simd, DirectBlock>(s, rows, w, e, y);
  }
  static constexpr StemKernels<Value> kKernels{&prepare, &row};
};

}  // namespace tern::floats
