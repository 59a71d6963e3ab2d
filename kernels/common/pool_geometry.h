// Which pixels a pooling window sees, and which windows see a pixel; for the kernels of all devices.
#pragma once

#include <cstdint>

#include "tern/core/host_device.h"
#include "tern/kernels/pool_window.h"

namespace tern::kernels {

/// Pooling along the height or along the width. All numbers are below 2^30 (see pooled_shape), and 32 bits
/// make the divisions cheap on a GPU.
struct PoolAxis {
  int size, stride, padding;
  int extent;   ///< Pixels.
  int outputs;  ///< Windows.

  PoolAxis(const PoolWindow& window, std::int64_t pixels, std::int64_t windows)
      : size(static_cast<int>(window.size)),
        stride(static_cast<int>(window.stride)),
        padding(static_cast<int>(window.padding)),
        extent(static_cast<int>(pixels)),
        outputs(static_cast<int>(windows)) {}

  /// [first, last)
  struct Range {
    int first, last;
  };

  /// The pixel under the first position of window `o`; negative in the padding.
  TERN_HOST_DEVICE int start(int o) const { return o * stride - padding; }

  /// The positions of window `o` that lie in the image.
  TERN_HOST_DEVICE Range taps(int o) const {
    const int first = start(o);
    return {first < 0 ? -first : 0, size < extent - first ? size : extent - first};
  }

  /// The windows that pixel `i` lies in.
  TERN_HOST_DEVICE Range windows(int i) const {
    const int end = (i + padding) / stride + 1;
    return {i + padding < size ? 0 : (i + padding - size) / stride + 1, end < outputs ? end : outputs};
  }
};

/// Pooling of images (N, H, W, C) to (N, OH, OW, C).
struct PoolGeometry {
  PoolAxis height, width;
  std::int64_t channels;

  PoolGeometry(const Shape& images, const Shape& pooled, const PoolWindow& window)
      : height(window, images[1], pooled[1]), width(window, images[2], pooled[2]), channels(images[3]) {}

  TERN_HOST_DEVICE std::int64_t image_size() const { return channels * height.extent * width.extent; }
  TERN_HOST_DEVICE std::int64_t pooled_image_size() const {
    return channels * height.outputs * width.outputs;
  }
  /// Positions of a window, those in the padding included.
  std::int64_t window_area() const { return std::int64_t{height.size} * width.size; }

  /// Calls body(tap, offset) for each position of the window of output (oh, ow) that lies in the image, in
  /// row-major order: tap = kh * size + kw, offset = the first channel of that pixel within its image.
  TERN_CALLS_BACK
  template <class Body>
  TERN_HOST_DEVICE void for_each_tap(int oh, int ow, const Body& body) const {
    const int top = height.start(oh), left = width.start(ow);
    const PoolAxis::Range rows = height.taps(oh), columns = width.taps(ow);
    for (int kh = rows.first; kh < rows.last; ++kh) {
      for (int kw = columns.first; kw < columns.last; ++kw) {
        const std::int64_t pixel = std::int64_t{top + kh} * width.extent + left + kw;
        body(kh * width.size + kw, pixel * channels);
      }
    }
  }

  /// The other way round: calls body(tap, output, offset) for each window that pixel (h, w) lies in, in
  /// row-major order: tap = the pixel's position in that window, output = the number of that output in its
  /// image, offset = its first channel.
  TERN_CALLS_BACK
  template <class Body>
  TERN_HOST_DEVICE void for_each_window(int h, int w, const Body& body) const {
    const PoolAxis::Range rows = height.windows(h), columns = width.windows(w);
    for (int oh = rows.first; oh < rows.last; ++oh) {
      for (int ow = columns.first; ow < columns.last; ++ow) {
        const std::int64_t output = std::int64_t{oh} * width.outputs + ow;
        body((h - height.start(oh)) * width.size + w - width.start(ow), output, output * channels);
      }
    }
  }
};

}  // namespace tern::kernels
