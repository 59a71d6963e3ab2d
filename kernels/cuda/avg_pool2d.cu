#include "tern/kernels/avg_pool2d.h"
#include "tern/kernels/common/pool_geometry.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/vector.cuh"

namespace tern::kernels::cuda {
namespace {

// A thread takes Width neighbouring channels, which share the arithmetic of the window.
template <int Width>
void pool(const PoolGeometry& geometry, const float* x, Tensor& y) {
  const float area = static_cast<float>(geometry.window_area());
  float* py = y.data<float>();
  const auto pool_window = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const float* image = x + at[0] * geometry.image_size() + at[3] * Width;
    Vector<float, Width> mean{};
    geometry.for_each_tap(static_cast<int>(at[1]), static_cast<int>(at[2]), [&](int, std::int64_t offset) {
      const auto values = load<Width>(image + offset);
      for (int k = 0; k < Width; ++k) mean.at[k] += values.at[k];
    });
    for (int k = 0; k < Width; ++k) mean.at[k] /= area;
    store(py + i * Width, mean);
  };
  for_each_coordinates({y.dim(0), y.dim(1), y.dim(2), y.dim(3) / Width}, pool_window);
}

// Gathers: each pixel adds up what the windows over it give, in the order of the windows.
template <int Width>
void gather(const PoolGeometry& geometry, const float* dy, Tensor& dx) {
  const float area = static_cast<float>(geometry.window_area());
  float* pdx = dx.data<float>();
  const auto gather_pixel = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const float* image = dy + at[0] * geometry.pooled_image_size() + at[3] * Width;
    Vector<float, Width> sum{};
    geometry.for_each_window(static_cast<int>(at[1]), static_cast<int>(at[2]), [&](int, auto, auto offset) {
      const auto gradient = load<Width>(image + offset);
      for (int k = 0; k < Width; ++k) sum.at[k] += gradient.at[k] / area;
    });
    store(pdx + i * Width, sum);
  };
  for_each_coordinates({dx.dim(0), dx.dim(1), dx.dim(2), dx.dim(3) / Width}, gather_pixel);
}

}  // namespace

void avg_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y) {
  const PoolGeometry geometry(x.shape(), y.shape(), window);
  visit_width(x.dim(3), [&](auto width) { pool<width>(geometry, x.data<float>(), y); });
}

void avg_pool2d_backward(const Tensor& dy, const PoolWindow& window, Tensor& dx) {
  const PoolGeometry geometry(dx.shape(), dy.shape(), window);
  visit_width(dx.dim(3), [&](auto width) { gather<width>(geometry, dy.data<float>(), dx); });
}

}  // namespace tern::kernels::cuda
