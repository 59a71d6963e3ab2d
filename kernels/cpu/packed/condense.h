// Several pixels of a kernel row in one pair of words, where their channels leave room for them: in a 3x3
// window, three pixels of 16 channels are as good as one of 48.
//
// All instruction sets compute the condensed convolution, for which the windows of a strip are copied.
#pragma once

#include <cstdint>

#include "tern/kernels/cpu/packed/convolution_shape.h"

namespace tern::packed {

/// The most pairs of words of a condensed window; longer ones stay as they are.
inline constexpr int kMaxCondensed = 16;

struct Condensing {
  explicit Condensing(const ConvolutionShape& shape);

  int taps;        // pixels in a pair of words, a divisor of kernel_width; 1: nothing is condensed
  int words;       // pairs of words of a kernel row
  int pixel_bits;  // of the channels of a pixel, a multiple of 8
};

/// The convolution with `words` positions in a kernel row, of `taps` times as many channels each; height,
/// filters and all that says what is left out at the border are the same.
ConvolutionShape condensed(const ConvolutionShape& shape);

/// Weights as packed pairs of words (filters, kernel_height, kernel_width, pairs), as those of the condensed
/// shape.
void condense_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                      std::uint64_t* condensed_pairs);

}  // namespace tern::packed
