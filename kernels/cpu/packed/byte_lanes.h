// The ternary convolution with bytes of channels side by side, for instruction sets that have no popcount of
// long words.
//
// A lane of a vector of 64 bytes is a filter and 1, 2 or 4 bytes of its channels, eight a byte: 64, 32 or 16
// filters a vector. Where bits of a vector are counted in the end, they are counted for all of those at once,
// so that wide layers take one byte a lane, and narrow ones as many as fill the vector.
//
//   weights       [vectors][steps][2][64]  bytes, signs and masks
//   activations   [pixels][steps][2]       words of 32 bits, each the bytes of a lane, repeated
//
// Byte b of a lane of step s is byte s % tap_steps * lane_bytes + b of the channels of tap s / tap_steps.
// Behind the last filter and the last channel all is 0.
#pragma once

#include <cstdint>

#include "tern/kernels/cpu/packed/convolution_shape.h"

namespace tern::packed {

inline constexpr int kVectorBytes = 64;

struct ByteLanes {
  explicit ByteLanes(const ConvolutionShape& shape);

  int vector_filters() const { return kVectorBytes / lane_bytes; }
  /// Bytes of a vector of filters.
  std::ptrdiff_t vector_bytes() const { return std::ptrdiff_t{2} * kVectorBytes * steps; }

  /// The first step of pair of words `word` of a window.
  int step_of(int word) const { return word / pairs * tap_steps + word % pairs * (8 / lane_bytes); }

  int lane_bytes;  // what takes the fewest steps
  int tap_steps, steps;
  int vectors, pairs;
};

/// The place in a vector of byte `byte` of filter `filter`: those of filter f are in word f % 16 of 32 bits,
/// so that all sums come out in order by masks and shifts.
int lane_place(int lane_bytes, int filter, int byte);

std::size_t byte_lane_weight_words(const ConvolutionShape& shape);
/// Of weights as packed pairs of words (filters, kernel_height, kernel_width, pairs, 2).
void arrange_byte_lane_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                               std::uint64_t* words);

}  // namespace tern::packed
