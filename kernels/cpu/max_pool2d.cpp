// Plain loops over channels instead of oneDNN's max pooling, which (2.6) drops a NaN in the window.
#include "tern/kernels/max_pool2d.h"

#include "tern/core/bfloat16.h"
#include "tern/core/parallel.h"
#include "tern/kernels/common/pool_geometry.h"
#include "tern/kernels/common/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

// Channels whose running maximum is kept in local arrays, which cannot alias the input.
constexpr std::int64_t kBlock = 64;

// One output pixel: `x` is the image, `y` and `argmax` the pixel's channels.
template <class Element>
void pool_pixel(const PoolGeometry& geometry, std::int64_t oh, std::int64_t ow, const Element* x, Element* y,
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

template <class Element>
void forward(const PoolGeometry& geometry, const Tensor& x, Tensor& y, Tensor& argmax) {
  const Element* px = x.data<Element>();
  Element* py = y.data<Element>();
  std::uint8_t* pa = argmax.data<std::uint8_t>();
  const std::int64_t rows = geometry.height.outputs, columns = geometry.width.outputs;
  const std::int64_t channels = geometry.channels, y_channels = y.dim(3);
  parallel_for(0, x.dim(0) * rows, 1, [=](std::int64_t row, std::int64_t last) {
    for (; row < last; ++row) {
      const Element* image = px + row / rows * geometry.image_size();
      for (std::int64_t ow = 0; ow < columns; ++ow) {
        const std::int64_t output = row * columns + ow;
        Element* pixel = py + output * y_channels;
        pool_pixel(geometry, row % rows, ow, image, pixel, pa + output * channels);
        std::fill(pixel + channels, pixel + y_channels, Element{});
      }
    }
  });
}

// The gradient `dx` of one image, from those of its outputs, which have `dy_channels`.
template <class Element>
void scatter(const PoolGeometry& geometry, const Element* dy, std::int64_t dy_channels,
             const std::uint8_t* argmax, float* dx) {
  std::fill_n(dx, geometry.image_size(), 0.0F);
  for (int oh = 0; oh < geometry.height.outputs; ++oh) {
    for (int ow = 0; ow < geometry.width.outputs; ++ow) {
      const std::int64_t output = std::int64_t{oh} * geometry.width.outputs + ow;
      const Element* __restrict gradient = dy + output * dy_channels;
      const std::uint8_t* __restrict where = argmax + output * geometry.channels;
      geometry.for_each_tap(oh, ow, [&](int tap, std::int64_t offset) {
        float* __restrict to = dx + offset;
        for (std::int64_t c = 0; c < geometry.channels; ++c) {
          to[c] += where[c] == tap ? to_float(gradient[c]) : 0.0F;
        }
      });
    }
  }
}

template <class Element>
void backward(const PoolGeometry& geometry, const Tensor& dy, const Tensor& argmax, Tensor& dx) {
  const Element* pdy = dy.data<Element>();
  const std::uint8_t* pa = argmax.data<std::uint8_t>();
  Element* pdx = dx.data<Element>();
  const std::int64_t size = geometry.image_size(), dy_channels = dy.dim(3);
  const std::int64_t dy_size = dy.dim(1) * dy.dim(2) * dy_channels,
                     argmax_size = geometry.pooled_image_size();
  // Windows may overlap within an image, so one thread takes a whole image.
  parallel_for(0, dx.dim(0), 1, [=](std::int64_t n, std::int64_t last) {
    [[maybe_unused]] std::vector<float> sums;  // of what is rounded only when it is complete
    for (; n < last; ++n) {
      const Element* image = pdy + n * dy_size;
      if constexpr (std::is_same_v<Element, float>) {
        scatter(geometry, image, dy_channels, pa + n * argmax_size, pdx + n * size);
      } else {
        sums.resize(static_cast<std::size_t>(size));
        scatter(geometry, image, dy_channels, pa + n * argmax_size, sums.data());
        std::transform(sums.begin(), sums.end(), pdx + n * size, rounded_to<Element>);
      }
    }
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
