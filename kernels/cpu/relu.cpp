#include "kernels/relu.h"

#include "core/parallel.h"

namespace tern::kernels::cpu {

constexpr std::int64_t kGrain = 1 << 14;

void relu(const Tensor& x, Tensor& y) {
  const float* px = x.data<float>();
  float* py = y.data<float>();
  parallel_for(0, x.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) py[i] = px[i] < 0 ? 0.0F : px[i];
  });
}

void relu_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  const float* pdy = dy.data<float>();
  const float* py = y.data<float>();
  float* pdx = dx.data<float>();
  parallel_for(0, y.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
  // dx may be dy, which a run-time overlap check would take for a reason not to vectorise.
#pragma omp simd
    for (std::int64_t i = first; i < last; ++i) pdx[i] = py[i] > 0 ? pdy[i] : 0.0F;
  });
}

}  // namespace tern::kernels::cpu
