// What a window makes of Width neighbouring channels of its pixels, and a pixel of those of its windows.
#pragma once

#include <cstdint>

#include "tern/kernels/common/pool_geometry.h"
#include "tern/kernels/cuda/vector.cuh"

namespace tern::kernels::cuda {

template <int Width>
struct WindowMaximum {
  Vector<float, Width> value;
  Vector<std::uint8_t, Width> where;
};

/// The maximum of output (oh, ow); values(offset) are those of the pixel at `offset` of the image.
template <int Width, class Values>
__device__ WindowMaximum<Width> window_maximum(const PoolGeometry& geometry, int oh, int ow,
                                               const Values& values) {
  WindowMaximum<Width> best;
  bool started = false;
  geometry.for_each_tap(oh, ow, [&](int tap, std::int64_t offset) {
    const Vector<float, Width> at_tap = values(offset);
    for (int k = 0; k < Width; ++k) {
      const float value = at_tap.at[k];
      if (started && !(value > best.value.at[k]) && value == value) continue;  // a NaN wins, never beaten
      best.value.at[k] = value;
      best.where.at[k] = static_cast<std::uint8_t>(tap);
    }
    started = true;
  });
  return best;
}

/// The sum of the gradients of the windows that chose pixel (h, w), in the order of the windows. `argmax` is
/// that of its image, from the first of the channels on; gradients(output, offset) are those of the output
/// with that number in the image, or first channel.
template <int Width, class Gradients>
__device__ Vector<float, Width> pixel_gradient(const PoolGeometry& geometry, int h, int w,
                                               const Gradients& gradients, const std::uint8_t* argmax) {
  Vector<float, Width> sum{};
  geometry.for_each_window(h, w, [&](int tap, std::int64_t output, std::int64_t offset) {
    const auto where = load<Width>(argmax + offset);
    const Vector<float, Width> gradient = gradients(output, offset);
    for (int k = 0; k < Width; ++k) {
      if (where.at[k] == tap) sum.at[k] += gradient.at[k];
    }
  });
  return sum;
}

}  // namespace tern::kernels::cuda
