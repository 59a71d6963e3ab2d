#include "kernels/cuda/elementwise.cuh"
#include "kernels/cuda/vector.cuh"
#include "kernels/max_pool2d.h"
#include "kernels/pool_geometry.h"

namespace tern::kernels::cuda {
namespace {

// A thread takes Width neighbouring channels, which share the arithmetic of the window.
template <int Width>
void pool(const PoolGeometry& geometry, const float* x, Tensor& y, std::uint8_t* argmax) {
  float* py = y.data<float>();
  const auto pool_window = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const float* image = x + at[0] * geometry.image_size() + at[3] * Width;
    Vector<float, Width> best;
    Vector<std::uint8_t, Width> where;
    bool started = false;
    geometry.for_each_tap(static_cast<int>(at[1]), static_cast<int>(at[2]),
                          [&](int tap, std::int64_t offset) {
                            const auto values = load<Width>(image + offset);
                            for (int k = 0; k < Width; ++k) {
                              const float value = values.at[k];
                              if (started && !(value > best.at[k]) && value == value)
                                continue;  // a NaN wins and is never beaten
                              best.at[k] = value;
                              where.at[k] = static_cast<std::uint8_t>(tap);
                            }
                            started = true;
                          });
    store(py + i * Width, best);
    store(argmax + i * Width, where);
  };
  for_each_coordinates({y.dim(0), y.dim(1), y.dim(2), y.dim(3) / Width}, pool_window);
}

// Gathers: each pixel adds up the gradients of the windows that chose it, in the order of the windows.
template <int Width>
void gather(const PoolGeometry& geometry, const float* dy, const std::uint8_t* argmax, Tensor& dx) {
  float* pdx = dx.data<float>();
  const auto gather_pixel = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const std::int64_t image = at[0] * geometry.pooled_image_size() + at[3] * Width;
    Vector<float, Width> sum{};
    geometry.for_each_window(static_cast<int>(at[1]), static_cast<int>(at[2]),
                             [&](int tap, std::int64_t offset) {
                               const auto where = load<Width>(argmax + image + offset);
                               const auto gradient = load<Width>(dy + image + offset);
                               for (int k = 0; k < Width; ++k) {
                                 if (where.at[k] == tap) sum.at[k] += gradient.at[k];
                               }
                             });
    store(pdx + i * Width, sum);
  };
  for_each_coordinates({dx.dim(0), dx.dim(1), dx.dim(2), dx.dim(3) / Width}, gather_pixel);
}

}  // namespace

void max_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y, Tensor& argmax) {
  const PoolGeometry geometry(x.shape(), y.shape(), window);
  visit_width(x.dim(3),
              [&](auto width) { pool<width>(geometry, x.data<float>(), y, argmax.data<std::uint8_t>()); });
}

void max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const PoolWindow& window, Tensor& dx) {
  const PoolGeometry geometry(dx.shape(), dy.shape(), window);
  visit_width(dx.dim(3), [&](auto width) {
    gather<width>(geometry, dy.data<float>(), argmax.data<std::uint8_t>(), dx);
  });
}

}  // namespace tern::kernels::cuda
