// Plain loops over channels instead of oneDNN's max pooling, which (2.6) drops a NaN in the window.
#include "kernels/max_pool2d.h"

#include <cstring>
#include <limits>

#include "core/parallel.h"
#include "kernels/pool_geometry.h"

namespace tern::kernels::cpu {
namespace {

// Channels whose running maximum is kept in local arrays, which cannot alias the input.
constexpr std::int64_t kBlock = 64;

// One output pixel: `x` is the image, `y` and `argmax` the pixel's channels.
void pool_pixel(const PoolGeometry& geometry, std::int64_t oh, std::int64_t ow, const float* x, float* y,
                std::uint8_t* argmax) {
  float best[kBlock];
  std::int32_t where[kBlock];
  for (std::int64_t first = 0; first < geometry.channels; first += kBlock) {
    const std::int64_t count = std::min(kBlock, geometry.channels - first);
    bool started = false;
    geometry.for_each_tap(oh, ow, [&](int tap, std::int64_t offset) {
      const float* values = x + offset + first;
      if (!started) {
        std::copy_n(values, count, best);
        std::fill_n(where, count, tap);
        started = true;
        return;
      }
      for (std::int64_t c = 0; c < count; ++c) {
        const float value = values[c];
        const bool wins = (value > best[c]) | (value != value);  // a NaN wins and is never beaten
        best[c] = wins ? value : best[c];
        where[c] = wins ? tap : where[c];
      }
    });
    std::copy_n(best, count, y + first);
    for (std::int64_t c = 0; c < count; ++c) argmax[first + c] = static_cast<std::uint8_t>(where[c]);
  }
}

}  // namespace

void max_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y, Tensor& argmax) {
  const PoolGeometry geometry(x.shape(), y.shape(), window);
  const float* px = x.data<float>();
  float* py = y.data<float>();
  std::uint8_t* pa = argmax.data<std::uint8_t>();
  const std::int64_t rows = geometry.height.outputs, columns = geometry.width.outputs;
  parallel_for(0, x.dim(0) * rows, 1, [=](std::int64_t row, std::int64_t last) {
    for (; row < last; ++row) {
      const float* image = px + row / rows * geometry.image_size();
      for (std::int64_t ow = 0; ow < columns; ++ow) {
        const std::int64_t out = (row * columns + ow) * geometry.channels;
        pool_pixel(geometry, row % rows, ow, image, py + out, pa + out);
      }
    }
  });
}

void max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const PoolWindow& window, Tensor& dx) {
  const PoolGeometry geometry(dx.shape(), dy.shape(), window);
  const float* pdy = dy.data<float>();
  const std::uint8_t* pa = argmax.data<std::uint8_t>();
  float* pdx = dx.data<float>();
  const std::int64_t rows = geometry.height.outputs, columns = geometry.width.outputs;
  // Windows may overlap within an image, so one thread takes a whole image.
  parallel_for(0, dx.dim(0), 1, [=](std::int64_t n, std::int64_t last) {
    for (; n < last; ++n) {
      float* image = pdx + n * geometry.image_size();
      std::fill_n(image, geometry.image_size(), 0.0F);
      for (std::int64_t pixel = 0; pixel < rows * columns; ++pixel) {
        const std::int64_t out = n * geometry.pooled_image_size() + pixel * geometry.channels;
        const float* __restrict gradient = pdy + out;
        const std::uint8_t* __restrict where = pa + out;
        geometry.for_each_tap(pixel / columns, pixel % columns, [&](int tap, std::int64_t offset) {
          float* __restrict to = image + offset;
          for (std::int64_t c = 0; c < geometry.channels; ++c) {
            to[c] += where[c] == tap ? gradient[c] : 0.0F;
          }
        });
      }
    }
  });
}

}  // namespace tern::kernels::cpu
