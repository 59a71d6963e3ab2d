// Plain loops over channels instead of oneDNN's max pooling, which (2.6) drops a NaN in the window.
#include "kernels/max_pool2d.h"

#include <limits>

#include "core/bfloat16.h"
#include "core/parallel.h"
#include "kernels/pool_geometry.h"
#include "kernels/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

// Channels whose maximum or sum is kept in local arrays, which cannot alias the input.
constexpr std::int64_t kBlock = 64;

// One output pixel: `x` is the image, `y` and `argmax` the pixel's channels.
template <class Element>
void pool_pixel(const PoolGeometry& geometry, int oh, int ow, const Element* x, Element* y,
                std::uint8_t* argmax) {
  float best[kBlock];
  std::int32_t where[kBlock];
  for (std::int64_t first = 0; first < geometry.channels; first += kBlock) {
    const std::int64_t count = std::min(kBlock, geometry.channels - first);
    bool started = false;
    geometry.for_each_tap(oh, ow, [&](int tap, std::int64_t offset) {
      const Element* values = x + offset + first;
      if (!started) {
        for (std::int64_t c = 0; c < count; ++c) best[c] = to_float(values[c]);
        std::fill_n(where, count, tap);
        started = true;
        return;
      }
      for (std::int64_t c = 0; c < count; ++c) {
        const float value = to_float(values[c]);
        const bool wins = (value > best[c]) | (value != value);  // a NaN wins and is never beaten
        best[c] = wins ? value : best[c];
        where[c] = wins ? tap : where[c];
      }
    });
    for (std::int64_t c = 0; c < count; ++c) {
      y[first + c] = rounded_to<Element>(best[c]);
      argmax[first + c] = static_cast<std::uint8_t>(where[c]);
    }
  }
}

// One pixel `dx` of the image whose outputs have the gradients `dy`: it adds up those of the windows that
// chose it, in the order of the windows.
template <class Element>
void gather_pixel(const PoolGeometry& geometry, int h, int w, const Element* dy, const std::uint8_t* argmax,
                  Element* dx) {
  float sum[kBlock];
  for (std::int64_t first = 0; first < geometry.channels; first += kBlock) {
    const std::int64_t count = std::min(kBlock, geometry.channels - first);
    std::fill_n(sum, count, 0.0F);
    geometry.for_each_window(h, w, [&](int tap, std::int64_t offset) {
      const Element* gradient = dy + offset + first;
      const std::uint8_t* where = argmax + offset + first;
      for (std::int64_t c = 0; c < count; ++c) sum[c] += where[c] == tap ? to_float(gradient[c]) : 0.0F;
    });
    for (std::int64_t c = 0; c < count; ++c) dx[first + c] = rounded_to<Element>(sum[c]);
  }
}

// body(n, row, column, index) for each of `images` times `rows` x `columns` pixels.
template <class Body>
void for_each_pixel(std::int64_t images, int rows, int columns, const Body& body) {
  parallel_for(0, images * rows, 1, [&](std::int64_t row, std::int64_t last) {
    for (; row < last; ++row) {
      for (int column = 0; column < columns; ++column) {
        body(row / rows, static_cast<int>(row % rows), column, row * columns + column);
      }
    }
  });
}

template <class Element>
void forward(const PoolGeometry& geometry, const Tensor& x, Tensor& y, Tensor& argmax) {
  const Element* px = x.data<Element>();
  Element* py = y.data<Element>();
  std::uint8_t* pa = argmax.data<std::uint8_t>();
  for_each_pixel(x.dim(0), geometry.height.outputs, geometry.width.outputs,
                 [&](std::int64_t n, int oh, int ow, std::int64_t pixel) {
                   const std::int64_t out = pixel * geometry.channels;
                   pool_pixel(geometry, oh, ow, px + n * geometry.image_size(), py + out, pa + out);
                 });
}

template <class Element>
void backward(const PoolGeometry& geometry, const Tensor& dy, const Tensor& argmax, Tensor& dx) {
  const Element* pdy = dy.data<Element>();
  const std::uint8_t* pa = argmax.data<std::uint8_t>();
  Element* pdx = dx.data<Element>();
  for_each_pixel(dx.dim(0), geometry.height.extent, geometry.width.extent,
                 [&](std::int64_t n, int h, int w, std::int64_t pixel) {
                   const std::int64_t image = n * geometry.pooled_image_size();
                   gather_pixel(geometry, h, w, pdy + image, pa + image, pdx + pixel * geometry.channels);
                 });
}

}  // namespace

void max_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y, Tensor& argmax) {
  const PoolGeometry geometry(x.shape(), y.shape(), window);
  visit_float_type(x.dtype(), [&](auto element) { forward<decltype(element)>(geometry, x, y, argmax); });
}

void max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const PoolWindow& window, Tensor& dx) {
  const PoolGeometry geometry(dx.shape(), dy.shape(), window);
  visit_float_type(dx.dtype(), [&](auto element) { backward<decltype(element)>(geometry, dy, argmax, dx); });
}

}  // namespace tern::kernels::cpu
