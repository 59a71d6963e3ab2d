// Loops over the filters of a pair of binary branches.
#pragma once

#include "tern/core/parallel.h"
#include "tern/core/tensor.h"
#include "tern/kernels/common/latent_gradient.h"
#include "tern/kernels/cpu/lane_sum.h"

namespace tern::kernels::cpu {

/// body(o, first, last) for every filter o, which has the n weights from first to before last; in parallel.
template <class Body>
void for_each_filter(std::int64_t filters, std::int64_t n, const Body& body) {
  parallel_for(0, filters, 1 + 4096 / (n + 1), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t o = first; o < last; ++o) body(o, o * n, (o + 1) * n);
  });
}

template <class Body>
void for_each_filter(const Tensor& weights, const Body& body) {
  const std::int64_t filters = weights.dim(0);
  for_each_filter(filters, filters == 0 ? 0 : weights.numel() / filters, body);
}

template <WeightGradientRule rule, class Pair, class Body>
void for_each_latent_gradient(const Pair& pair, const Body& body) {
  for_each_filter(pair.filters, pair.n, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    const float to_g = inverse_scale(pair.scale[o]);
    const auto signed_sum = [&](const float* latent) {
      return lane_sum(first, last,
                      [=](std::int64_t i) { return binary_sign(latent[i]) * (pair.dt[i] * to_g); });
    };
    const double sum1 = signed_sum(pair.w1), sum2 = signed_sum(pair.w2);
    const LatentGradient<rule> gradient(pair.scale[o], sum1, sum2, pair.n);
#pragma omp simd  // what the body writes belongs to the weights number i alone
    for (std::int64_t i = first; i < last; ++i) {
      const float g = pair.dt[i] * to_g;
      body(pair, i, gradient.of_first(g, pair.w1[i]), gradient.of_second(g, pair.w2[i]));
    }
  });
}

template <class Pair, class Body>
void for_each_latent_gradient(WeightGradientRule rule, const std::vector<Pair>& pairs, const Body& body) {
  visit_rule(rule, [&](auto r) {
    for (const Pair& pair : pairs) for_each_latent_gradient<r>(pair, body);
  });
}

}  // namespace tern::kernels::cpu
