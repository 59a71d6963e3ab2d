#include "tern/kernels/pool_window.h"

#include <algorithm>

#include "tern/kernels/common/check.h"

namespace tern::kernels {

constexpr std::int64_t kMaxExtent = std::int64_t{1} << 29;  // sums of two fit 32 bits (pool_geometry.h)

Shape pooled_shape(const char* op, const Shape& images, const PoolWindow& window) {
  require<ShapeError>(images.rank() == 4, "{}: x is {}, expected (N, H, W, C)", op, images);
  require<ShapeError>(window.size >= 1 && window.stride >= 1,
                      "{}: window size {} and stride {} must be positive", op, window.size, window.stride);
  require<ShapeError>(window.padding >= 0 && window.padding <= window.size / 2,
                      "{}: padding {} is not between 0 and half the window size {}", op, window.padding,
                      window.size);
  require<ShapeError>(std::max({images[1], images[2], window.size, window.stride}) < kMaxExtent,
                      "{}: x is {}, window size {}, stride {}: expected numbers below 2^29", op, images,
                      window.size, window.stride);
  const std::int64_t height = images[1] + 2 * window.padding;
  const std::int64_t width = images[2] + 2 * window.padding;
  require<ShapeError>(images[1] >= 1 && images[2] >= 1 && height >= window.size && width >= window.size,
                      "{}: x is {}, too small for a window of {} with padding {}", op, images, window.size,
                      window.padding);
  return {images[0], (height - window.size) / window.stride + 1, (width - window.size) / window.stride + 1,
          images[3]};
}

}  // namespace tern::kernels
