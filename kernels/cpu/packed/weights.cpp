#include "kernels/cpu/packed/weights.h"

namespace tern::packed {

std::vector<std::uint64_t> arrange_weights(const ConvolutionShape& shape, const std::int8_t* values) {
  std::vector<std::uint64_t> words(shape.weight_words());
  const int taps = shape.kernel_height * shape.kernel_width;
  for (int filter = 0; filter < shape.filters; ++filter) {
    std::uint64_t* block = words.data() + filter / kLanes * shape.block_words() + filter % kLanes;
    for (int tap = 0; tap < taps; ++tap) {
      for (int channel = 0; channel < shape.channels; ++channel, ++values) {
        const int pair = tap * shape.pairs() + channel / kWordChannels;
        const std::uint64_t bit = std::uint64_t{1} << channel % kWordChannels;
        std::uint64_t* sign = block + std::ptrdiff_t{2} * kLanes * pair;
        if (*values < 0) sign[0] |= bit;
        if (*values != 0) sign[kLanes] |= bit;
      }
    }
  }
  return words;
}

}  // namespace tern::packed
