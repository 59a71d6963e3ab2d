// One block per filter. Bytes per weight: preparation 12 read, 1 written, and 4 of a weight that is clamped;
// gradients 16 read, and again from the cache, 12 written.
#include "tern/kernels/common/three_branch_formulas.h"
#include "tern/kernels/cuda/clamp_latents.cuh"
#include "tern/kernels/cuda/latent_gradient.cuh"

namespace tern::kernels::cuda {
namespace {

template <int Width>
__global__ void __launch_bounds__(kFilterBlock)
    three_branch_weights_kernel(std::int64_t n, const ThreePointers<float> w, std::int8_t* levels,
                                float* scale) {
  double sum = 0;
  for_each_weight<Width>(n, [&](std::int64_t i) {
    auto a = load<Width>(w.first + i), b = load<Width>(w.second + i), c = load<Width>(w.third + i);
    if (clamp_latents(a)) store(w.first + i, a);
    if (clamp_latents(b)) store(w.second + i, b);
    if (clamp_latents(c)) store(w.third + i, c);
    Vector<std::int8_t, Width> level;
    for (int k = 0; k < Width; ++k) {
      sum += double{fabsf(a.at[k])} + double{fabsf(b.at[k])} + double{fabsf(c.at[k])};
      level.at[k] = sum_of_signs(a.at[k], b.at[k], c.at[k]);
    }
    store(levels + i, level);
  });
  sum = block_sum(sum);
  if (threadIdx.x == 0) scale[blockIdx.x] = alpha_of_three(sum, n);
}

template <WeightGradientRule rule>
__global__ void __launch_bounds__(kFilterBlock)
    three_branch_gradient_kernel(std::int64_t n, const float* dt, const ThreePointers<const float> w,
                                 const float* scale, const ThreePointers<float> dw) {
  const float alpha = scale[blockIdx.x], to_g = inverse_scale(alpha);
  double sum1 = 0, sum2 = 0, sum3 = 0;
  for_each_weight<1>(n, [&](std::int64_t i) {
    const float g = dt[i] * to_g;
    sum1 += binary_sign(w.first[i]) * g;
    sum2 += binary_sign(w.second[i]) * g;
    sum3 += binary_sign(w.third[i]) * g;
  });
  sum1 = block_sum(sum1);
  sum2 = block_sum(sum2);
  sum3 = block_sum(sum3);
  const ThreeBranchGradient<rule> gradient(alpha, sum1, sum2, sum3, n);
  for_each_weight<1>(n, [&](std::int64_t i) { gradient.store(i, dt[i] * to_g, w, dw); });
}

}  // namespace

void three_branch_weights(ThreeBranches& w, Tensor& levels, Tensor& scale) {
  if (levels.dim(0) == 0) return;
  const std::int64_t n = levels.numel() / levels.dim(0);
  visit_width(n, [&](auto width) {
    TERN_LAUNCH(three_branch_weights_kernel<width>, {dim3(blocks_for(levels.dim(0), 1)), dim3(kFilterBlock)},
                n, pointers(w), levels.data<std::int8_t>(), scale.data<float>());
  });
}

void three_branch_weights_backward(const Tensor& dt, const ThreeBranches& w, const Tensor& scale,
                                   WeightGradientRule rule, ThreeBranches& dw) {
  if (dt.dim(0) == 0) return;
  visit_rule(rule, [&](auto r) {
    TERN_LAUNCH(three_branch_gradient_kernel<r>, {dim3(blocks_for(dt.dim(0), 1)), dim3(kFilterBlock)},
                dt.numel() / dt.dim(0), dt.data<float>(), pointers(w), scale.data<float>(), pointers(dw));
  });
}

}  // namespace tern::kernels::cuda
