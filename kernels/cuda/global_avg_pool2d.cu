#include "tern/core/bfloat16.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/global_avg_pool2d.h"

namespace tern::kernels::cuda {
namespace {

// A thread adds up the pixels of one channel in their order, as the CPU does: a head sees few pixels (49 in
// ImageNet's ResNets) of many images and channels.
template <class Element>
void forward(const Tensor& x, Tensor& y) {
  const std::int64_t pixels = x.dim(1) * x.dim(2), channels = x.dim(3);
  const Element* px = x.data<Element>();
  float* py = y.data<float>();
  for_each_coordinates({x.dim(0), channels}, [=] __device__(std::int64_t i, const Coordinates<2>& at) {
    const Element* values = px + at[0] * pixels * channels + at[1];
    float sum = 0;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) sum += to_float(values[pixel * channels]);
    py[i] = sum / static_cast<float>(pixels);
  });
}

template <class Element>
void backward(const Tensor& dy, Tensor& dx) {
  const std::int64_t pixels = dx.dim(1) * dx.dim(2), channels = dx.dim(3);
  const float* pdy = dy.data<float>();
  Element* pdx = dx.data<Element>();
  for_each_coordinates({dx.dim(0), pixels, channels},
                       [=] __device__(std::int64_t i, const Coordinates<3>& at) {
                         const float sum = pdy[at[0] * channels + at[2]];
                         pdx[i] = rounded_to<Element>(sum / static_cast<float>(pixels));
                       });
}

}  // namespace

void global_avg_pool2d(const Tensor& x, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) { forward<decltype(element)>(x, y); });
}

void global_avg_pool2d_backward(const Tensor& dy, Tensor& dx) {
  visit_float_type(dx.dtype(), [&](auto element) { backward<decltype(element)>(dy, dx); });
}

}  // namespace tern::kernels::cuda
