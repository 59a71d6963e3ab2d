// Loops over the filters of a pair of binary branches.
#pragma once

#include "tern/core/parallel.h"
#include "tern/core/tensor.h"
#include "tern/kernels/common/latent_gradient.h"
#include "tern/kernels/cpu/lane_sum.h"

namespace tern::kernels::cpu {

/// body(o, first, last) for every filter o, which has the weights from first to before last; in parallel.
template <class Body>
void for_each_filter(const Tensor& weights, const Body& body) {
  const std::int64_t filters = weights.dim(0);
  const std::int64_t n = filters == 0 ? 0 : weights.numel() / filters;
  parallel_for(0, filters, 1 + 4096 / (n + 1), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t o = first; o < last; ++o) body(o, o * n, (o + 1) * n);
  });
}

template <WeightGradientRule rule, class Body>
void for_each_latent_gradient(const Tensor& dt, const LatentWeights& w, const Body& body) {
  for_each_filter(dt, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    const float to_g = inverse_scale(w.scale[o]);
    const auto signed_sum = [&](const float* latent) {
      return lane_sum(first, last, [=](std::int64_t i) { return binary_sign(latent[i]) * (w.dt[i] * to_g); });
    };
    const double sum1 = signed_sum(w.w1), sum2 = signed_sum(w.w2);
    const LatentGradient<rule> gradient(w.scale[o], sum1, sum2, last - first);
#pragma omp simd  // what the body writes belongs to the weights number i alone
    for (std::int64_t i = first; i < last; ++i) {
      const float g = w.dt[i] * to_g;
      body(i, gradient.of_first(g, w.w1[i]), gradient.of_second(g, w.w2[i]));
    }
  });
}

template <class Body>
void for_each_latent_gradient(WeightGradientRule rule, const Tensor& dt, const LatentWeights& w,
                              const Body& body) {
  visit_rule(rule, [&](auto r) { for_each_latent_gradient<r>(dt, w, body); });
}

}  // namespace tern::kernels::cpu
