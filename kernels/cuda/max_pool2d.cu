#include <numeric>

#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/max_pool2d.cuh"
#include "tern/kernels/max_pool2d.h"

namespace tern::kernels::cuda {
namespace {

// A thread takes Width neighbouring channels, which share the arithmetic of the window. Those of y beyond
// those of x are zero.
template <int Width, class Element>
void pool(const PoolGeometry& geometry, const Element* x, Tensor& y, std::uint8_t* argmax) {
  Element* py = y.data<Element>();
  const auto pool_window = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const std::int64_t channel = at[3] * Width;
    if (channel >= geometry.channels) return store(py + i * Width, Vector<Element, Width>{});
    const Element* image = x + at[0] * geometry.image_size() + channel;
    const std::int64_t output = (at[0] * geometry.height.outputs + at[1]) * geometry.width.outputs + at[2];
    const auto best =
        window_maximum<Width>(geometry, static_cast<int>(at[1]), static_cast<int>(at[2]),
                              [=](std::int64_t offset) { return load_floats<Width>(image + offset); });
    store_rounded(py + i * Width, best.value);
    store(argmax + output * geometry.channels + channel, best.where);
  };
  for_each_coordinates({y.dim(0), y.dim(1), y.dim(2), y.dim(3) / Width}, pool_window);
}

// Gathers: each pixel adds up the gradients of the windows that chose it, in the order of the windows.
template <int Width, class Element>
void gather(const PoolGeometry& geometry, const Element* dy, std::int64_t dy_channels,
            const std::uint8_t* argmax, Tensor& dx) {
  Element* pdx = dx.data<Element>();
  const std::int64_t outputs = std::int64_t{geometry.height.outputs} * geometry.width.outputs;
  const auto gather_pixel = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const std::int64_t first = at[0] * outputs, channel = at[3] * Width;
    const auto gradients = [=](std::int64_t output, std::int64_t) {
      return load_floats<Width>(dy + (first + output) * dy_channels + channel);
    };
    store_rounded(pdx + i * Width,
                  pixel_gradient<Width>(geometry, static_cast<int>(at[1]), static_cast<int>(at[2]), gradients,
                                        argmax + first * geometry.channels + channel));
  };
  for_each_coordinates({dx.dim(0), dx.dim(1), dx.dim(2), dx.dim(3) / Width}, gather_pixel);
}

}  // namespace

void max_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y, Tensor& argmax) {
  const PoolGeometry geometry(x.shape(), y.shape(), window);
  visit_float_type(x.dtype(), [&](auto element) {
    const auto* px = x.data<decltype(element)>();
    visit_width(std::gcd(x.dim(3), y.dim(3)),
                [&](auto width) { pool<width>(geometry, px, y, argmax.data<std::uint8_t>()); });
  });
}

void max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const PoolWindow& window, Tensor& dx) {
  const PoolGeometry geometry(dx.shape(), dy.shape(), window);
  visit_float_type(dx.dtype(), [&](auto element) {
    const auto* pdy = dy.data<decltype(element)>();
    visit_width(std::gcd(dx.dim(3), dy.dim(3)), [&](auto width) {
      gather<width>(geometry, pdy, dy.dim(3), argmax.data<std::uint8_t>(), dx);
    });
  });
}

}  // namespace tern::kernels::cuda
