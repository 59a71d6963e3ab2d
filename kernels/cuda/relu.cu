#include "kernels/cuda/elementwise.cuh"
#include "kernels/relu.h"

namespace tern::kernels::cuda {

void relu(const Tensor& x, Tensor& y) {
  const float* px = x.data<float>();
  float* py = y.data<float>();
  for_each_element(x.numel(), [=] __device__(std::int64_t i) { py[i] = px[i] < 0 ? 0.0F : px[i]; });
}

void relu_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  const float* pdy = dy.data<float>();
  const float* py = y.data<float>();
  float* pdx = dx.data<float>();
  for_each_element(y.numel(), [=] __device__(std::int64_t i) { pdx[i] = py[i] > 0 ? pdy[i] : 0.0F; });
}

}  // namespace tern::kernels::cuda
