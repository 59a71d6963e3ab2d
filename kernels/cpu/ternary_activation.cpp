#include "kernels/ternary_activation.h"

#include "core/parallel.h"
#include "kernels/cpu/ternarise.h"

namespace tern::kernels::cpu {

constexpr std::int64_t kGrain = 1 << 14;

void ternary_activation(const Tensor& x, Tensor& y) {
  const float* px = x.data<float>();
  float* py = y.data<float>();
  parallel_for(0, x.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) py[i] = ternarise(px[i]);
  });
}

void ternary_activation_backward(const Tensor& dy, const Tensor& x, Tensor& dx) {
  const float* pdy = dy.data<float>();
  const float* px = x.data<float>();
  float* pdx = dx.data<float>();
  parallel_for(0, x.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) pdx[i] = ternarise_gradient(pdy[i], px[i]);
  });
}

}  // namespace tern::kernels::cpu
