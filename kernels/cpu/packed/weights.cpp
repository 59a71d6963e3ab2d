#include "kernels/cpu/packed/weights.h"

namespace tern::packed {

std::vector<std::uint64_t> arrange_weights(const ConvolutionShape& shape, const std::int8_t* values) {
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
  return arrange_weights(shape, pairs.data());
}

std::vector<std::uint64_t> arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs) {
  std::vector<std::uint64_t> words(shape.weight_words());
  for (int filter = 0; filter < shape.filters; ++filter) {
    std::uint64_t* to = words.data() + filter / kLanes * shape.block_words() + filter % kLanes;
    for (int word = 0; word < 2 * shape.window_pairs(); ++word) to[word * kLanes] = *pairs++;
  }
  return words;
}

}  // namespace tern::packed
