// One block per filter. Bytes per weight: forward 4 read, and again from the cache, 1 written; backward 8
// read, and again from the cache, 4 written.
#include "tern/kernels/common/ternary_weight_formulas.h"
#include "tern/kernels/cuda/latent_gradient.cuh"

namespace tern::kernels::cuda {
namespace {

template <class Rule>
__global__ void __launch_bounds__(kFilterBlock)
    ternary_weights_kernel(std::int64_t n, const float* w, float* steps, std::int8_t* ternary,
                           float* scales) {
  double sum = 0, kept = 0;
  for_each_weight<1>(n, [&](std::int64_t i) { sum += fabsf(w[i]); });
  const auto mean = static_cast<float>(block_sum(sum) / static_cast<double>(n));
  const float step = Rule::step(mean, Rule::kLearnsStep ? steps[blockIdx.x] : 0.0F);
  const float threshold = Rule::threshold(step);
  std::int64_t count = 0;
  for_each_weight<1>(n, [&](std::int64_t i) {
    const std::int8_t t = ternary_above(w[i], threshold);
    ternary[i] = t;
    kept += t == 0 ? 0.0F : fabsf(w[i]);
    count += t == 0 ? 0 : 1;
  });
  kept = block_sum(kept);
  const double kept_count = block_sum(static_cast<double>(count));
  if (threadIdx.x != 0) return;
  if (Rule::kLearnsStep) steps[blockIdx.x] = step;
  scales[blockIdx.x] = mean == mean ? Rule::scale(step, kept, static_cast<std::int64_t>(kept_count)) : mean;
}

template <class Rule>
__global__ void __launch_bounds__(kFilterBlock)
    ternary_weights_backward_kernel(std::int64_t n, const float* dt, const float* w, const float* scales,
                                    float* dw, float* dsteps) {
  const float scale = scales[blockIdx.x], to_g = inverse_scale(scale);
  double sum = 0;
  for_each_weight<1>(n, [&](std::int64_t i) { sum += Rule::term(dt[i] * to_g, w[i], scale); });
  sum = block_sum(sum);
  for_each_weight<1>(n, [&](std::int64_t i) { dw[i] = Rule::gradient(dt[i] * to_g, w[i], scale, sum, n); });
  if constexpr (Rule::kLearnsStep) {
    if (threadIdx.x == 0) dsteps[blockIdx.x] = Rule::step_gradient(sum, n);
  }
}

}  // namespace

void ternary_weights(WeightMethod method, const Tensor& w, Tensor& step, Tensor& ternary, Tensor& scale) {
  if (w.dim(0) == 0) return;
  visit_weight_rule(method, [&](auto rule) {
    using Rule = decltype(rule);
    TERN_LAUNCH(ternary_weights_kernel<Rule>, {dim3(blocks_for(w.dim(0), 1)), dim3(kFilterBlock)},
                w.numel() / w.dim(0), w.data<float>(), Rule::kLearnsStep ? step.data<float>() : nullptr,
                ternary.data<std::int8_t>(), scale.data<float>());
  });
}

void ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w, const Tensor& scale,
                              Tensor& dw, Tensor& dstep) {
  if (w.dim(0) == 0) return;
  visit_weight_rule(method, [&](auto rule) {
    using Rule = decltype(rule);
    TERN_LAUNCH(ternary_weights_backward_kernel<Rule>, {dim3(blocks_for(w.dim(0), 1)), dim3(kFilterBlock)},
                w.numel() / w.dim(0), dt.data<float>(), w.data<float>(), scale.data<float>(),
                dw.data<float>(), Rule::kLearnsStep ? dstep.data<float>() : nullptr);
  });
}

}  // namespace tern::kernels::cuda
