// One block per filter of a pair of binary branches: it reads the filter for a sum, and again, from the
// cache, for what depends on the sum.
#pragma once

#include "tern/core/tensor.h"
#include "tern/kernels/common/latent_gradient.h"
#include "tern/kernels/cuda/block_sum.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/vector.cuh"

namespace tern::kernels::cuda {

constexpr int kFilterBlock = 256;

/// body(i) for the first index i of every Width neighbouring weights of the block's filter of n weights.
template <int Width, class Body>
__device__ void for_each_weight(std::int64_t n, const Body& body) {
  const std::int64_t filter = blockIdx.x * n;
  for (std::int64_t i = threadIdx.x * Width; i < n; i += kFilterBlock * Width) body(filter + i);
}

/// The gradient of the block's filter, in every thread.
template <WeightGradientRule rule, int Width>
__device__ LatentGradient<rule> gradient_of_filter(std::int64_t n, const LatentWeights& w) {
  const float scale = w.scale[blockIdx.x], to_g = inverse_scale(scale);
  double sum1 = 0, sum2 = 0;
  for_each_weight<Width>(n, [&](std::int64_t i) {
    const auto dt = load<Width>(w.dt + i), w1 = load<Width>(w.w1 + i), w2 = load<Width>(w.w2 + i);
    for (int k = 0; k < Width; ++k) {
      const float g = dt.at[k] * to_g;
      sum1 += binary_sign(w1.at[k]) * g;
      sum2 += binary_sign(w2.at[k]) * g;
    }
  });
  return {scale, block_sum(sum1), block_sum(sum2), n};
}

template <WeightGradientRule rule, int Width, class Body>
__global__ void __launch_bounds__(kFilterBlock)
    latent_gradient_kernel(std::int64_t n, LatentWeights w, Body body) {
  const LatentGradient<rule> gradient = gradient_of_filter<rule, Width>(n, w);
  const float to_g = inverse_scale(w.scale[blockIdx.x]);
  for_each_weight<1>(n, [&](std::int64_t i) {
    const float g = w.dt[i] * to_g;
    body(i, gradient.of_first(g, w.w1[i]), gradient.of_second(g, w.w2[i]));
  });
}

template <class Body>
void for_each_latent_gradient(WeightGradientRule rule, const Tensor& dt, const LatentWeights& w,
                              const Body& body) {
  if (dt.dim(0) == 0) return;
  const std::int64_t n = dt.numel() / dt.dim(0);
  visit_rule(rule, [&](auto r) {
    visit_width(n, [&](auto width) {
      TERN_LAUNCH((latent_gradient_kernel<r, width, Body>),
                  {dim3(blocks_for(dt.dim(0), 1)), dim3(kFilterBlock)}, n, w, body);
    });
  });
}

}  // namespace tern::kernels::cuda
