// Where the arena of an image holds a value of the graph.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tern/kernels/cpu/packed/convolution_shape.h"

namespace tern::engine {

/// Floats (height, width, channels); a vector of the graph is (1, 1, channels).
struct ActivationMap {
  int height = 0, width = 0, channels = 0;
  std::size_t offset = 0;  // of the arena, in bytes

  std::ptrdiff_t row_values() const { return std::ptrdiff_t{width} * channels; }
  std::size_t bytes() const { return static_cast<std::size_t>(height * row_values()) * sizeof(float); }
};

/// Values in {-1, 0, +1} of one shape, as bits with a border of zeros
/// (kernels/cpu/packed/convolution_shape.h).
struct PackedMap {
  int height = 0, width = 0, channels = 0;
  int border = 0;
  std::size_t offset = 0;

  std::ptrdiff_t pixel_words() const {
    return std::ptrdiff_t{2} * ((channels + packed::kWordChannels - 1) / packed::kWordChannels);
  }
  std::ptrdiff_t row_words() const { return (width + 2 * border) * pixel_words(); }
  std::size_t bytes() const {
    return static_cast<std::size_t>((height + 2 * border) * row_words()) * sizeof(std::uint64_t);
  }
  /// Words before the first pixel inside of the border.
  std::ptrdiff_t first_pixel() const { return border * (row_words() + pixel_words()); }
  /// Buffers of one geometry keep the same words zero.
  bool same_geometry(const PackedMap& other) const {
    return height == other.height && width == other.width && channels == other.channels &&
           border == other.border;
  }
};

}  // namespace tern::engine
