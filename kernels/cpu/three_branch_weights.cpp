#include "tern/kernels/three_branch_weights.h"

#include "tern/kernels/common/three_branch_formulas.h"
#include "tern/kernels/cpu/lane_sum.h"
#include "tern/kernels/cpu/latent_gradient.h"

namespace tern::kernels::cpu {
namespace {

// The pointers are arguments because a store of bytes could alias captured ones.
void clamp_and_add_signs(float* w1, float* w2, float* w3, std::int64_t n, std::int8_t* levels) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    w1[i] = clamp_latent(w1[i]);
    w2[i] = clamp_latent(w2[i]);
    w3[i] = clamp_latent(w3[i]);
    levels[i] = sum_of_signs(w1[i], w2[i], w3[i]);
  }
}

template <WeightGradientRule rule>
void gradient_of_filter(const float* dt, float alpha, std::int64_t first, std::int64_t last,
                        const ThreePointers<const float>& w, const ThreePointers<float>& dw) {
  const float to_g = inverse_scale(alpha);
  const auto signed_sum = [=](const float* latent) {
    return lane_sum(first, last, [=](std::int64_t i) { return binary_sign(latent[i]) * (dt[i] * to_g); });
  };
  const ThreeBranchGradient<rule> gradient(alpha, signed_sum(w.first), signed_sum(w.second),
                                           signed_sum(w.third), last - first);
#pragma omp simd
  for (std::int64_t i = first; i < last; ++i) gradient.store(i, dt[i] * to_g, w, dw);
}

}  // namespace

void three_branch_weights(ThreeBranches& w, Tensor& levels, Tensor& scale) {
  const ThreePointers<float> p = pointers(w);
  std::int8_t* to = levels.data<std::int8_t>();
  float* s = scale.data<float>();
  for_each_filter(levels, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    clamp_and_add_signs(p.first + first, p.second + first, p.third + first, last - first, to + first);
    const double sum = lane_sum(first, last, [=](std::int64_t i) {
      return double{fabsf(p.first[i])} + double{fabsf(p.second[i])} + double{fabsf(p.third[i])};
    });
    s[o] = alpha_of_three(sum, last - first);
  });
}

void three_branch_weights_backward(const Tensor& dt, const ThreeBranches& w, const Tensor& scale,
                                   WeightGradientRule rule, ThreeBranches& dw) {
  const float *pdt = dt.data<float>(), *alpha = scale.data<float>();
  const ThreePointers<const float> pw = pointers(w);
  const ThreePointers<float> pdw = pointers(dw);
  visit_rule(rule, [&](auto r) {
    for_each_filter(dt, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
      gradient_of_filter<r>(pdt, alpha[o], first, last, pw, pdw);
    });
  });
}

}  // namespace tern::kernels::cpu
