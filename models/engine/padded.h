#pragma once

#include <cstddef>
#include <vector>

namespace tern::engine {

/// One value per channel, followed by `fill` up to a multiple of the lanes of a kernel, which may be anything
/// that the kernel can compute with.
inline std::vector<float> padded(std::vector<float> values, std::size_t multiple, float fill = 0) {
  values.resize((values.size() + multiple - 1) / multiple * multiple, fill);
  return values;
}

}  // namespace tern::engine
