#include "kernels/binary_branch_weights.h"

#include "core/parallel.h"
#include "kernels/latent_gradient.h"

namespace tern::kernels::cpu {
namespace {

/// body(o, first, last) for every filter o, which has the weights from first to before last; in parallel.
template <class Body>
void for_each_filter(const Tensor& weights, const Body& body) {
  const std::int64_t filters = weights.dim(0);
  const std::int64_t n = filters == 0 ? 0 : weights.numel() / filters;
  parallel_for(0, filters, 1 + 4096 / (n + 1), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t o = first; o < last; ++o) body(o, o * n, (o + 1) * n);
  });
}

template <WeightGradientRule rule>
void gradients(const Tensor& dt, const float* w1, const float* w2, const float* scale, float* dw1,
               float* dw2) {
  const float* pdt = dt.data<float>();
  for_each_filter(dt, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    const float to_g = inverse_scale(scale[o]);
    double sum1 = 0, sum2 = 0;
    for (std::int64_t i = first; i < last; ++i) {
      const float g = pdt[i] * to_g;
      sum1 += binary_sign(w1[i]) * g;
      sum2 += binary_sign(w2[i]) * g;
    }
    const LatentGradient<rule> gradient(scale[o], sum1, sum2, last - first);
    for (std::int64_t i = first; i < last; ++i) {
      const float g = pdt[i] * to_g;
      dw1[i] = gradient.of_first(g, w1[i]);
      dw2[i] = gradient.of_second(g, w2[i]);
    }
  });
}

}  // namespace

void binary_branch_weights(Tensor& w1, Tensor& w2, Tensor& ternary, Tensor& scale) {
  float* p1 = w1.data<float>();
  float* p2 = w2.data<float>();
  std::int8_t* t = ternary.data<std::int8_t>();
  float* s = scale.data<float>();
  for_each_filter(w1, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    double sum = 0;
    for (std::int64_t i = first; i < last; ++i) {
      p1[i] = clamp_latent(p1[i]);
      p2[i] = clamp_latent(p2[i]);
      sum += fabsf(p1[i]) + fabsf(p2[i]);
      t[i] = ternary_weight(p1[i], p2[i]);
    }
    s[o] = scale_of_filter(sum, last - first);
  });
}

void binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                                    WeightGradientRule rule, Tensor& dw1, Tensor& dw2) {
  visit_rule(rule, [&](auto r) {
    gradients<r>(dt, w1.data<float>(), w2.data<float>(), scale.data<float>(), dw1.data<float>(),
                 dw2.data<float>());
  });
}

}  // namespace tern::kernels::cpu
