#include "tern/kernels/common/pool_geometry.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/vector.cuh"
#include "tern/kernels/max_pool2d.h"

namespace tern::kernels::cuda {
namespace {

// A thread takes Width neighbouring channels, which share the arithmetic of the window.
template <int Width, class Element>
void pool(const PoolGeometry& geometry, const Element* x, Tensor& y, std::uint8_t* argmax) {
  Element* py = y.data<Element>();
  const auto pool_window = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const Element* image = x + at[0] * geometry.image_size() + at[3] * Width;
    Vector<float, Width> best;
    Vector<std::uint8_t, Width> where;
    bool started = false;
    geometry.for_each_tap(static_cast<int>(at[1]), static_cast<int>(at[2]),
                          [&](int tap, std::int64_t offset) {
                            const auto values = load_floats<Width>(image + offset);
                            for (int k = 0; k < Width; ++k) {
                              const float value = values.at[k];
                              if (started && !(value > best.at[k]) && value == value)
                                continue;  // a NaN wins and is never beaten
                              best.at[k] = value;
                              where.at[k] = static_cast<std::uint8_t>(tap);
                            }
                            started = true;
                          });
    store_rounded(py + i * Width, best);
    store(argmax + i * Width, where);
  };
  for_each_coordinates({y.dim(0), y.dim(1), y.dim(2), y.dim(3) / Width}, pool_window);
}

// Gathers: each pixel adds up the gradients of the windows that chose it, in the order of the windows.
template <int Width, class Element>
void gather(const PoolGeometry& geometry, const Element* dy, const std::uint8_t* argmax, Tensor& dx) {
  Element* pdx = dx.data<Element>();
  const auto gather_pixel = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const std::int64_t image = at[0] * geometry.pooled_image_size() + at[3] * Width;
    Vector<float, Width> sum{};
    geometry.for_each_window(static_cast<int>(at[1]), static_cast<int>(at[2]),
                             [&](int tap, std::int64_t offset) {
                               const auto where = load<Width>(argmax + image + offset);
                               const auto gradient = load_floats<Width>(dy + image + offset);
                               for (int k = 0; k < Width; ++k) {
                                 if (where.at[k] == tap) sum.at[k] += gradient.at[k];
                               }
                             });
    store_rounded(pdx + i * Width, sum);
  };
  for_each_coordinates({dx.dim(0), dx.dim(1), dx.dim(2), dx.dim(3) / Width}, gather_pixel);
}

}  // namespace

void max_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y, Tensor& argmax) {
  const PoolGeometry geometry(x.shape(), y.shape(), window);
  visit_float_type(x.dtype(), [&](auto element) {
    const auto* px = x.data<decltype(element)>();
    visit_width(x.dim(3), [&](auto width) { pool<width>(geometry, px, y, argmax.data<std::uint8_t>()); });
  });
}

void max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const PoolWindow& window, Tensor& dx) {
  const PoolGeometry geometry(dx.shape(), dy.shape(), window);
  visit_float_type(dx.dtype(), [&](auto element) {
    const auto* pdy = dy.data<decltype(element)>();
    visit_width(dx.dim(3),
                [&](auto width) { gather<width>(geometry, pdy, argmax.data<std::uint8_t>(), dx); });
  });
}

}  // namespace tern::kernels::cuda
