// The float layers of a merged network, for the instruction set of the CPU.
//
// Depends on the C++ library alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tern/kernels/cpu/floats/stem_convolution.h"

namespace tern::floats {

/// The windows of a convolution at neighbouring pixels of a row of the output. A linear layer has one window
/// of one row, all of its input.
struct Windows {
  const float* x;              ///< Where the first window begins.
  std::ptrdiff_t row_floats;   ///< From one row of a window to the next.
  std::ptrdiff_t step_floats;  ///< From one window to the next.
  int rows, row_values;        ///< Of a window: its rows, and its columns times the channels.
};

/// From filters (filters, taps) to what Kernels::windows reads: groups of kGroup filters, a group
/// (taps, kGroup), the last one filled up with zeros. `taps` are rows * row_values.
std::vector<float> arrange_filters(const float* weights, int filters, int taps);

/// The stem in numbers of one type: float, or 16-bit integers (int16_weights.h).
template <class Value>
struct StemKernels {
  /// Values that `prepare` reads beyond the row.
  static constexpr int kReadBeyond = 2;

  /// From a row (input_width, 3) of the padded image to one that `row` reads. A row of zeros gives zeros.
  void (*prepare)(const RowShape& shape, const Value* x, Value* prepared);
  /// Computes the row y (computed_width, channels) from `kernel` prepared rows.
  void (*row)(const RowShape& shape, const Value* const* rows, const Value* weights, const Epilogue& epilogue,
              float* y);
};

struct Kernels {
  StemKernels<float> stem;
  StemKernels<std::int16_t> int16_stem;
  /// y[p * y_step + f] = the sum of window p times filter f, + bias[f], for `count` windows and `filters`
  /// filters. Each product is rounded and added in the order of the filter's taps, the bias last: all targets
  /// give the same bits. `bias` has whole groups.
  void (*windows)(const Windows& windows, int count, const float* weights, const float* bias, int filters,
                  float* y, std::ptrdiff_t y_step);
  /// A window of a max pool, or more rows of it: y[c] = the largest of x[row][column * step + c], and of y[c]
  /// unless `first`, for `channels` channels. A NaN wins, so that it reaches the logits and is noticed there.
  void (*largest)(const float* const* x, int rows, int columns, std::ptrdiff_t step, int channels, bool first,
                  float* y);
};

/// The implementation for a target of the packed kernels ("avx512", "avx2", ...); any other name gives the
/// portable one.
const Kernels& kernels_for(const char* target);

const Kernels& portable_kernels();
#if defined(__x86_64__)
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();       // their integers are AVX2's
const Kernels& avx512_vnni_kernels();  // of a CPU with VNNI
#endif

}  // namespace tern::floats
