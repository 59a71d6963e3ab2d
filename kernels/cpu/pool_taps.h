// How the CPU pooling kernels walk over windows of NHWC images.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/pool_window.h"

namespace tern::kernels::cpu {

struct PoolGeometry {
  std::int64_t height, width, channels, out_height, out_width;
  PoolWindow window;

  PoolGeometry(const Shape& images, const Shape& pooled, const PoolWindow& pool_window)
      : height(images[1]),
        width(images[2]),
        channels(images[3]),
        out_height(pooled[1]),
        out_width(pooled[2]),
        window(pool_window) {}

  std::int64_t image_size() const { return height * width * channels; }
  std::int64_t out_image_size() const { return out_height * out_width * channels; }

  /// Calls body(tap, offset) for each position of the window of output (oh, ow) that lies in the image, in
  /// row-major order: tap = kh * size + kw, offset = the first channel of that pixel within the image.
  template <class Body>
  void for_each_tap(std::int64_t oh, std::int64_t ow, const Body& body) const {
    const std::int64_t top = oh * window.stride - window.padding;
    const std::int64_t left = ow * window.stride - window.padding;
    const std::int64_t kh_end = std::min(window.size, height - top);
    const std::int64_t kw_begin = std::max<std::int64_t>(0, -left);
    const std::int64_t kw_end = std::min(window.size, width - left);
    for (std::int64_t kh = std::max<std::int64_t>(0, -top); kh < kh_end; ++kh) {
      for (std::int64_t kw = kw_begin; kw < kw_end; ++kw) {
        body(kh * window.size + kw, ((top + kh) * width + left + kw) * channels);
      }
    }
  }
};

}  // namespace tern::kernels::cpu
