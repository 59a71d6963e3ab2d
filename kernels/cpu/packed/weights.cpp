#include "tern/kernels/cpu/packed/weights.h"

namespace tern::packed {

std::vector<std::uint64_t> arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
                                           const std::int8_t* values) {
  std::vector<std::uint64_t> pairs(std::size_t{2} *
                                   static_cast<std::size_t>(shape.filters * shape.window_pairs()));
  std::uint64_t* pair = pairs.data();
  const int taps = shape.filters * shape.kernel_height * shape.kernel_width;
  for (int tap = 0; tap < taps; ++tap, pair += 2 * shape.pairs()) {
    for (int channel = 0; channel < shape.channels; ++channel, ++values) {
      const std::uint64_t bit = std::uint64_t{1} << channel % kWordChannels;
      std::uint64_t* word = pair + channel / kWordChannels * 2;
      if (*values < 0) word[0] |= bit;
      if (*values != 0) word[1] |= bit;
    }
  }
  return arrange_weights(kernels, shape, pairs.data());
}

std::vector<std::uint64_t> arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
                                           const std::uint64_t* pairs) {
  std::vector<std::uint64_t> words(kernels.weight_words(shape));
  kernels.arrange_weights(shape, pairs, words.data());
  return words;
}

}  // namespace tern::packed
