#pragma once

#include <algorithm>

#include "tern/layers/graph/graph.h"

namespace tern::engine {

/// A window that moves along the height or the width of a map.
struct Axis {
  int size, stride, padding;
  int extent;  // pixels

  int outputs() const { return (extent + 2 * padding - size) / stride + 1; }
  /// The pixel under the first position of window `output`; negative in the padding.
  int first(int output) const { return output * stride - padding; }
  /// The pixels that window `output` sees: [begin, end), perhaps none.
  int begin(int output) const { return std::max(first(output), 0); }
  int end(int output) const { return std::min(first(output) + size, extent); }
};

inline Axis down(const graph::Window& w, int height) {
  return {static_cast<int>(w.height), static_cast<int>(w.stride_height), static_cast<int>(w.padding_height),
          height};
}
inline Axis across(const graph::Window& w, int width) {
  return {static_cast<int>(w.width), static_cast<int>(w.stride_width), static_cast<int>(w.padding_width),
          width};
}

}  // namespace tern::engine
