#include "tern/kernels/cpu/packed/weights.h"

#include <algorithm>

#include "tern/kernels/cpu/packed/condense.h"

namespace tern::packed {
namespace {

/// The convolution with the ternary filters of all planes.
ConvolutionShape of_planes(ConvolutionShape shape) {
  shape.filters = shape.plane_filters();
  shape.planes = 1;
  return shape;
}

std::size_t window_values(const ConvolutionShape& shape) {
  return static_cast<std::size_t>(shape.kernel_height) * static_cast<std::size_t>(shape.kernel_width) *
         static_cast<std::size_t>(shape.channels);
}

}  // namespace

void split_planes(const ConvolutionShape& shape, const std::int8_t* values, std::int8_t* planes) {
  const std::size_t window = window_values(shape), block = kLanes * window;
  std::fill_n(planes, static_cast<std::size_t>(shape.plane_filters()) * window, std::int8_t{0});
  for (std::size_t filter = 0; filter < static_cast<std::size_t>(shape.filters); ++filter) {
    std::int8_t* a = planes + filter / kLanes * 2 * block + filter % kLanes * window;
    std::int8_t* b = a + block;
    for (std::size_t i = 0; i < window; ++i, ++values) {
      a[i] = static_cast<std::int8_t>(*values / 2);
      b[i] = static_cast<std::int8_t>(*values - 2 * a[i]);
    }
  }
}

ArrangedWeights arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
                                const std::int8_t* values) {
  std::vector<std::int8_t> planes;
  if (shape.planes > 1) {
    planes.resize(static_cast<std::size_t>(shape.plane_filters()) * window_values(shape));
    split_planes(shape, values, planes.data());
    values = planes.data();
  }
  const int filters = shape.plane_filters();
  std::vector<std::uint64_t> pairs(std::size_t{2} * static_cast<std::size_t>(filters * shape.window_pairs()));
  std::uint64_t* pair = pairs.data();
  const int taps = filters * shape.kernel_height * shape.kernel_width;
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
  const PixelLanes* lanes = kernels.pixel_lanes;
  if (lanes != nullptr && lanes->wants(shape)) {
    ArrangedWeights words(lanes->weight_words(shape));
    lanes->arrange_weights(shape, pairs, words.data());
    return words;
  }
  const ConvolutionShape ternary = of_planes(shape), computed = condensed(ternary);
  std::vector<std::uint64_t> condensed_pairs;
  if (Condensing(ternary).taps > 1) {
    condensed_pairs.resize(std::size_t{2} *
                           static_cast<std::size_t>(ternary.filters * computed.window_pairs()));
    condense_weights(ternary, pairs, condensed_pairs.data());
    pairs = condensed_pairs.data();
  }
  ArrangedWeights words(kernels.weight_words(computed));
  kernels.arrange_weights(computed, pairs, words.data());
  return words;
}

}  // namespace tern::packed
