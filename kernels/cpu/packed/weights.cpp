#include "tern/kernels/cpu/packed/weights.h"

#include "tern/kernels/cpu/packed/condense.h"

namespace tern::packed {

ArrangedWeights arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
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

ArrangedWeights arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
                                const std::uint64_t* pairs) {
  const ConvolutionShape computed = condensed(shape);
  std::vector<std::uint64_t> condensed_pairs;
  if (Condensing(shape).taps > 1) {
    condensed_pairs.resize(std::size_t{2} *
                           static_cast<std::size_t>(shape.filters * computed.window_pairs()));
    condense_weights(shape, pairs, condensed_pairs.data());
    pairs = condensed_pairs.data();
  }
  ArrangedWeights words(kernels.weight_words(computed));
  kernels.arrange_weights(computed, pairs, words.data());
  return words;
}

}  // namespace tern::packed
