#include "tern/kernels/binary_branch_weights.h"

#include "tern/kernels/cpu/lane_sum.h"
#include "tern/kernels/cpu/latent_gradient.h"

namespace tern::kernels::cpu {
namespace {

// The pointers are arguments because a store of bytes could alias captured ones.
void clamp_and_ternarise(float* w1, float* w2, std::int64_t n, std::int8_t* t) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    w1[i] = clamp_latent(w1[i]);
    w2[i] = clamp_latent(w2[i]);
    t[i] = ternary_weight(w1[i], w2[i]);
  }
}

}  // namespace

void binary_branch_weights(Tensor& w1, Tensor& w2, Tensor& ternary, Tensor& scale) {
  float* p1 = w1.data<float>();
  float* p2 = w2.data<float>();
  std::int8_t* t = ternary.data<std::int8_t>();
  float* s = scale.data<float>();
  for_each_filter(w1, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    clamp_and_ternarise(p1 + first, p2 + first, last - first, t + first);
    const double sum = lane_sum(first, last, [=](std::int64_t i) { return fabsf(p1[i]) + fabsf(p2[i]); });
    s[o] = scale_of_filter(sum, last - first);
  });
}

void binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                                    WeightGradientRule rule, Tensor& dw1, Tensor& dw2) {
  const GradientPair pair{latent_weights<const float>(dt, w1, w2, scale), dw1.data<float>(),
                          dw2.data<float>()};
  for_each_latent_gradient(rule, std::vector{pair}, StoreGradients{});
}

void binary_branch_gradient(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                            WeightGradientRule rule, int branch, Tensor& dw) {
  const GradientPair pair{latent_weights<const float>(dt, w1, w2, scale), dw.data<float>(), dw.data<float>()};
  if (branch == 0) {
    for_each_latent_gradient(rule, std::vector{pair}, StoreGradient<0>{});
  } else {
    for_each_latent_gradient(rule, std::vector{pair}, StoreGradient<1>{});
  }
}

}  // namespace tern::kernels::cpu
