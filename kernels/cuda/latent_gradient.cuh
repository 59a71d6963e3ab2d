// One block per filter of pairs of binary branches: it reads the filter for a sum, and again, from the cache,
// for what depends on the sum.
#pragma once

#include "tern/core/tensor.h"
#include "tern/kernels/common/latent_gradient.h"
#include "tern/kernels/cuda/block_sum.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/tensor_group.cuh"
#include "tern/kernels/cuda/vector.cuh"

namespace tern::kernels::cuda {

constexpr int kFilterBlock = 256;

/// body(i) for the first index i of every Width neighbouring weights of a filter of n weights.
template <int Width, class Body>
__device__ void for_each_weight_of(std::int64_t filter, std::int64_t n, const Body& body) {
  for (std::int64_t i = threadIdx.x * Width; i < n; i += kFilterBlock * Width) body(filter * n + i);
}

/// The same of the filter that has the number of the block.
template <int Width, class Body>
__device__ void for_each_weight(std::int64_t n, const Body& body) {
  for_each_weight_of<Width>(blockIdx.x, n, body);
}

/// The gradient of a filter, in every thread of its block.
template <WeightGradientRule rule, int Width, class Weight>
__device__ LatentGradient<rule> gradient_of_filter(std::int64_t filter, const LatentWeights<Weight>& w) {
  const float scale = w.scale[filter], to_g = inverse_scale(scale);
  double sum1 = 0, sum2 = 0;
  for_each_weight_of<Width>(filter, w.n, [&](std::int64_t i) {
    const auto dt = load<Width>(w.dt + i), w1 = load<Width>(w.w1 + i), w2 = load<Width>(w.w2 + i);
    for (int k = 0; k < Width; ++k) {
      const float g = dt.at[k] * to_g;
      sum1 += binary_sign(w1.at[k]) * g;
      sum2 += binary_sign(w2.at[k]) * g;
    }
  });
  return {scale, block_sum(sum1), block_sum(sum2), w.n};
}

template <WeightGradientRule rule, class Pair, class Body>
__global__ void __launch_bounds__(kFilterBlock)
    latent_gradient_kernel(TensorGroup<Pair, Body> group, Body body) {
  const auto [pair, filter] = find_tensor(group);
  const LatentGradient<rule> gradient =
      pair.n % 4 == 0 ? gradient_of_filter<rule, 4>(filter, pair) : gradient_of_filter<rule, 1>(filter, pair);
  const float to_g = inverse_scale(pair.scale[filter]);
  for_each_weight_of<1>(filter, pair.n, [&, &pair = pair](std::int64_t i) {
    const float g = pair.dt[i] * to_g;
    body(pair, i, gradient.of_first(g, pair.w1[i]), gradient.of_second(g, pair.w2[i]));
  });
}

template <class Pair, class Body>
void for_each_latent_gradient(WeightGradientRule rule, const std::vector<Pair>& pairs, const Body& body) {
  visit_rule(rule, [&](auto r) {
    for_each_group<Body>(
        pairs, [](const Pair& pair) { return static_cast<unsigned>(pair.filters); },
        [&](const TensorGroup<Pair, Body>& group, unsigned blocks) {
          TERN_LAUNCH((latent_gradient_kernel<r, Pair, Body>), {dim3(blocks), dim3(kFilterBlock)}, group,
                      body);
        });
  });
}

}  // namespace tern::kernels::cuda
