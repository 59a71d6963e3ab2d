#include "kernels/avg_pool2d.h"
#include "kernels/cuda/elementwise.cuh"
#include "kernels/pool_geometry.h"

namespace tern::kernels::cuda {

void avg_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y) {
  const PoolGeometry geometry(x.shape(), y.shape(), window);
  const float area = static_cast<float>(geometry.window_area());
  const float* px = x.data<float>();
  float* py = y.data<float>();
  const auto pool = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const float* image = px + at[0] * geometry.image_size() + at[3];
    float sum = 0;
    geometry.for_each_tap(static_cast<int>(at[1]), static_cast<int>(at[2]),
                          [&](int, std::int64_t offset) { sum += image[offset]; });
    py[i] = sum / area;
  };
  for_each_coordinates({y.dim(0), y.dim(1), y.dim(2), y.dim(3)}, pool);
}

// Gathers: each pixel adds up what the windows over it give, in the order of the windows.
void avg_pool2d_backward(const Tensor& dy, const PoolWindow& window, Tensor& dx) {
  const PoolGeometry geometry(dx.shape(), dy.shape(), window);
  const float area = static_cast<float>(geometry.window_area());
  const float* pdy = dy.data<float>();
  float* pdx = dx.data<float>();
  const auto gather = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const float* image = pdy + at[0] * geometry.pooled_image_size() + at[3];
    float sum = 0;
    geometry.for_each_window(static_cast<int>(at[1]), static_cast<int>(at[2]),
                             [&](int, std::int64_t offset) { sum += image[offset] / area; });
    pdx[i] = sum;
  };
  for_each_coordinates({dx.dim(0), dx.dim(1), dx.dim(2), dx.dim(3)}, gather);
}

}  // namespace tern::kernels::cuda
