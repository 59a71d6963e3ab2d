#include "kernels/cuda/elementwise.cuh"
#include "kernels/global_avg_pool2d.h"

namespace tern::kernels::cuda {

// A thread adds up the pixels of one channel in their order, as the CPU does: a head sees few pixels (49 in
// ImageNet's ResNets) of many images and channels.
void global_avg_pool2d(const Tensor& x, Tensor& y) {
  const std::int64_t pixels = x.dim(1) * x.dim(2), channels = x.dim(3);
  const float* px = x.data<float>();
  float* py = y.data<float>();
  for_each_coordinates({x.dim(0), channels}, [=] __device__(std::int64_t i, const Coordinates<2>& at) {
    const float* values = px + at[0] * pixels * channels + at[1];
    float sum = 0;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) sum += values[pixel * channels];
    py[i] = sum / static_cast<float>(pixels);
  });
}

void global_avg_pool2d_backward(const Tensor& dy, Tensor& dx) {
  const std::int64_t pixels = dx.dim(1) * dx.dim(2), channels = dx.dim(3);
  const float* pdy = dy.data<float>();
  float* pdx = dx.data<float>();
  for_each_coordinates({dx.dim(0), pixels, channels},
                       [=] __device__(std::int64_t i, const Coordinates<3>& at) {
                         pdx[i] = pdy[at[0] * channels + at[2]] / static_cast<float>(pixels);
                       });
}

}  // namespace tern::kernels::cuda
