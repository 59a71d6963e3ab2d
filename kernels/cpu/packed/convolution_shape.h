// The shape of one packed ternary convolution, and of the buffers that it reads and writes.
//
//   activations of one image   [height + 2 * border][width + 2 * border][pairs][2]  words of 64 bits
//
// A pair of words holds 64 channels of a pixel: the sign word (bit c set where the value is -1), then the
// mask word (bit c set where it is not 0), as core/packed_ternary.h has them. Channels beyond the last are 0,
// and so is the border: a mask of 0 is exact padding. Weights are in an order that each instruction set has
// for itself.
#pragma once

#include <cstddef>

namespace tern::packed {

inline constexpr int kLanes = 8;          // filters in a block
inline constexpr int kWordChannels = 64;  // channels in a pair of words

struct ConvolutionShape {
  int height = 0, width = 0, channels = 0;  // of the input, without its border
  int filters = 0;
  int planes = 1;  // of the weights: 1, ternary; 2, integers 2 a + b of ternary a and b (weights.h)
  int kernel_height = 1, kernel_width = 1;
  int stride_height = 1, stride_width = 1;
  int padding_height = 0, padding_width = 0;
  int border = 0;  // of the input's buffer, at least the larger padding

  int output_height() const { return (height + 2 * padding_height - kernel_height) / stride_height + 1; }
  int output_width() const { return (width + 2 * padding_width - kernel_width) / stride_width + 1; }
  int pairs() const { return (channels + kWordChannels - 1) / kWordChannels; }
  int filter_blocks() const { return (filters + kLanes - 1) / kLanes; }
  /// Ternary filters of all planes: with two, a block of the a, then that of the b of the same filters.
  int plane_filters() const { return planes == 1 ? filters : planes * kLanes * filter_blocks(); }
  /// Pairs of words under one window: what one filter holds.
  int window_pairs() const { return kernel_height * kernel_width * pairs(); }
  /// Words of a row of the input's buffer.
  std::ptrdiff_t row_words() const { return std::ptrdiff_t{2} * (width + 2 * border) * pairs(); }
  std::size_t input_words() const { return static_cast<std::size_t>((height + 2 * border) * row_words()); }
};

}  // namespace tern::packed
