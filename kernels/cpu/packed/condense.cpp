#include "tern/kernels/cpu/packed/condense.h"

#include <algorithm>

namespace tern::packed {

Condensing::Condensing(const ConvolutionShape& shape)
    : taps(shape.kernel_width), words(1), pixel_bits((shape.channels + 7) / 8 * 8) {
  while (taps > 1 && (taps * pixel_bits > kWordChannels || shape.kernel_width % taps != 0)) --taps;
  if (shape.kernel_height * (shape.kernel_width / taps) > kMaxCondensed) taps = 1;
  words = shape.kernel_width / taps;
}

ConvolutionShape condensed(const ConvolutionShape& shape) {
  const Condensing by(shape);
  ConvolutionShape result = shape;
  if (by.taps > 1) {
    result.channels = by.taps * by.pixel_bits;
    result.kernel_width = by.words;
  }
  return result;
}

void condense_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                      std::uint64_t* condensed_pairs) {
  const Condensing by(shape);
  for (int row = 0; row < shape.filters * shape.kernel_height; ++row) {
    std::uint64_t* to = condensed_pairs + std::ptrdiff_t{2} * row * by.words;
    std::fill_n(to, 2 * by.words, 0);
    for (int tap = 0; tap < shape.kernel_width; ++tap, pairs += 2) {
      const int word = tap / by.taps * 2, shift = tap % by.taps * by.pixel_bits;
      to[word] |= pairs[0] << shift;
      to[word + 1] |= pairs[1] << shift;
    }
  }
}

}  // namespace tern::packed
