#include "tern/kernels/cpu/packed/pixel_lanes.h"

#include <algorithm>

#include "tern/kernels/cpu/packed/condense.h"

namespace tern::packed {

int lane_words(const ConvolutionShape& shape) {
  return (shape.channels + kLaneChannels - 1) / kLaneChannels;
}

int lane_steps(const ConvolutionShape& shape) {
  return shape.kernel_height * shape.kernel_width * lane_words(shape);
}

bool wants_pixel_lanes(const ConvolutionShape& shape) {
  const int steps = lane_steps(shape);
  if (shape.planes > 1 || lane_words(shape) > kMaxLaneWords || steps > kMaxLaneSteps ||
      shape.kernel_width > kMaxLaneKernel || shape.stride_width > kMaxLaneStride) {
    return false;
  }
  // Steps of a filter and a vector of pixels, against those of eight filters and a pixel.
  const std::int64_t pixels = std::int64_t{shape.output_height()} * shape.output_width(),
                     vectors = (pixels + kLanePixels - 1) / kLanePixels;
  return vectors * steps * shape.filters < pixels * condensed(shape).window_pairs() * shape.filter_blocks();
}

namespace {

std::size_t weight_words(const ConvolutionShape& shape) {
  return static_cast<std::size_t>(shape.filter_blocks()) * static_cast<std::size_t>(lane_steps(shape)) *
         kLanes;
}

void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words) {
  constexpr std::uint64_t kTwice = 0x10001;
  const std::ptrdiff_t block = std::ptrdiff_t{lane_steps(shape)} * kLanes;
  std::fill_n(words, weight_words(shape), 0);
  for (int filter = 0; filter < shape.filters; ++filter) {
    std::uint64_t* to = words + filter / kLanes * block + filter % kLanes;
    for (int tap = 0; tap < shape.kernel_height * shape.kernel_width; ++tap, pairs += 2) {
      for (int word = 0; word < lane_words(shape); ++word, to += kLanes) {
        const std::uint64_t sign = pairs[0] >> word * kLaneChannels & 0xFFFF,
                            mask = pairs[1] >> word * kLaneChannels & 0xFFFF;
        *to = sign * kTwice | (mask * kTwice) << 32;
      }
    }
  }
}

}  // namespace

const PixelLanes kPixelLanes{&wants_pixel_lanes, &weight_words, &arrange_weights};

}  // namespace tern::packed
