#include "tern/kernels/cpu/packed/byte_lanes.h"

#include <algorithm>
#include <cstring>

namespace tern::packed {

ByteLanes::ByteLanes(const ConvolutionShape& shape)
    : lane_bytes(0), tap_steps(0), steps(0), vectors(0), pairs(shape.pairs()) {
  const int channel_bytes = (shape.channels + 7) / 8;
  for (const int bytes : {1, 2, 4}) {
    ByteLanes lanes = *this;
    lanes.lane_bytes = bytes;
    lanes.tap_steps = (channel_bytes + bytes - 1) / bytes;
    lanes.steps = shape.kernel_height * shape.kernel_width * lanes.tap_steps;
    lanes.vectors = (shape.filters + lanes.vector_filters() - 1) / lanes.vector_filters();
    if (lane_bytes == 0 || lanes.vectors * lanes.tap_steps < vectors * tap_steps) *this = lanes;
  }
}

int lane_place(int lane_bytes, int filter, int byte) {
  const int word = filter % 16, quarter = filter / 16;
  switch (lane_bytes) {
    case 1:  // of even bytes the low and the high half, then of odd ones
      return 4 * word + quarter % 2 * 2 + quarter / 2;
    case 2:
      return 4 * word + 2 * quarter + byte;
    default:
      return 4 * word + byte;
  }
}

std::size_t byte_lane_weight_words(const ConvolutionShape& shape) {
  const ByteLanes lanes(shape);
  return static_cast<std::size_t>(lanes.vectors * lanes.vector_bytes()) / sizeof(std::uint64_t);
}

void arrange_byte_lane_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                               std::uint64_t* words) {
  const ByteLanes lanes(shape);
  std::memset(words, 0, byte_lane_weight_words(shape) * sizeof *words);
  for (int filter = 0; filter < shape.filters; ++filter) {
    auto* step =
        reinterpret_cast<std::uint8_t*>(words) + filter / lanes.vector_filters() * lanes.vector_bytes();
    for (int tap = 0; tap < shape.kernel_height * shape.kernel_width; ++tap, pairs += 2 * shape.pairs()) {
      for (int s = 0; s < lanes.tap_steps; ++s, step += 2 * kVectorBytes) {
        for (int b = 0; b < lanes.lane_bytes; ++b) {
          const int byte = s * lanes.lane_bytes + b;
          if (byte >= 8 * shape.pairs()) continue;
          const std::uint64_t* pair = pairs + byte / 8 * 2;
          const int place = lane_place(lanes.lane_bytes, filter % lanes.vector_filters(), b);
          step[place] = static_cast<std::uint8_t>(pair[0] >> byte % 8 * 8);
          step[kVectorBytes + place] = static_cast<std::uint8_t>(pair[1] >> byte % 8 * 8);
        }
      }
    }
  }
}

}  // namespace tern::packed
