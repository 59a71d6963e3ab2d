#include "kernels/cuda/elementwise.cuh"
#include "kernels/max_pool2d.h"
#include "kernels/pool_geometry.h"

namespace tern::kernels::cuda {

void max_pool2d(const Tensor& x, const PoolWindow& window, Tensor& y, Tensor& argmax) {
  const PoolGeometry geometry(x.shape(), y.shape(), window);
  const float* px = x.data<float>();
  float* py = y.data<float>();
  std::uint8_t* pa = argmax.data<std::uint8_t>();
  const auto pool = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const float* image = px + at[0] * geometry.image_size() + at[3];
    float best = 0;
    int where = -1;
    geometry.for_each_tap(static_cast<int>(at[1]), static_cast<int>(at[2]),
                          [&](int tap, std::int64_t offset) {
                            const float value = image[offset];
                            if (where >= 0 && !(value > best) && value == value)
                              return;  // a NaN wins and is never beaten
                            best = value;
                            where = tap;
                          });
    py[i] = best;
    pa[i] = static_cast<std::uint8_t>(where);
  };
  for_each_coordinates({y.dim(0), y.dim(1), y.dim(2), y.dim(3)}, pool);
}

// Gathers: each pixel adds up the gradients of the windows that chose it, in the order of the windows.
void max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const PoolWindow& window, Tensor& dx) {
  const PoolGeometry geometry(dx.shape(), dy.shape(), window);
  const float* pdy = dy.data<float>();
  const std::uint8_t* pa = argmax.data<std::uint8_t>();
  float* pdx = dx.data<float>();
  const auto gather = [=] __device__(std::int64_t i, const Coordinates<4>& at) {
    const std::int64_t image = at[0] * geometry.pooled_image_size() + at[3];
    float sum = 0;
    geometry.for_each_window(static_cast<int>(at[1]), static_cast<int>(at[2]),
                             [&](int tap, std::int64_t offset) {
                               if (pa[image + offset] == tap) sum += pdy[image + offset];
                             });
    pdx[i] = sum;
  };
  for_each_coordinates({dx.dim(0), dx.dim(1), dx.dim(2), dx.dim(3)}, gather);
}

}  // namespace tern::kernels::cuda
