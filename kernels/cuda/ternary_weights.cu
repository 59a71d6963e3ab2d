// One block per filter. Bytes per weight: forward 4 read, and again from the cache, 1 written; backward 8
// read, and again from the cache, 4 written.
#include "tern/kernels/common/ternary_weight_formulas.h"
#include "tern/kernels/cuda/latent_gradient.cuh"

namespace tern::kernels::cuda {
namespace {

// mean|w| of the block's filter, in every thread.
__device__ float mean_magnitude(std::int64_t n, const float* w) {
  double sum = 0;
  for_each_weight<1>(n, [&](std::int64_t i) { sum += fabsf(w[i]); });
  return static_cast<float>(block_sum(sum) / static_cast<double>(n));
}

template <class Rule>
__global__ void __launch_bounds__(kFilterBlock)
    ternary_weights_kernel(std::int64_t n, const float* w, float* values, std::int8_t* ternary,
                           float* scales) {
  const float mean = mean_magnitude(n, w);
  const float value = learned_of<Rule>(mean, values, blockIdx.x);
  const float threshold = Rule::threshold(mean, value);
  double kept = 0;
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
  if (Rule::kLearns) values[blockIdx.x] = value;
  scales[blockIdx.x] =
      mean == mean ? Rule::scale(mean, value, kept, static_cast<std::int64_t>(kept_count)) : mean;
}

template <class Rule>
__global__ void __launch_bounds__(kFilterBlock)
    ternary_weights_backward_kernel(std::int64_t n, const float* dt, const float* w, const float* scales,
                                    const float* values, float* dw, float* dvalues) {
  WeightFilter filter{scales[blockIdx.x], 0, 0};
  if constexpr (Rule::kNeedsMean) {
    filter.mean = mean_magnitude(n, w);
    filter.threshold = Rule::threshold(filter.mean, values[blockIdx.x]);
  }
  const float to_g = inverse_scale(filter.scale);
  double sum = 0;
  for_each_weight<1>(n, [&](std::int64_t i) { sum += Rule::term(dt[i] * to_g, w[i], filter); });
  sum = block_sum(sum);
  for_each_weight<1>(n, [&](std::int64_t i) { dw[i] = Rule::gradient(dt[i] * to_g, w[i], filter, sum, n); });
  if constexpr (Rule::kLearns) {
    if (threadIdx.x == 0) dvalues[blockIdx.x] = Rule::learned_gradient(sum, filter, n);
  }
}

}  // namespace

void ternary_weights(WeightMethod method, const Tensor& w, Tensor& learned, Tensor& ternary, Tensor& scale) {
  if (w.dim(0) == 0) return;
  visit_weight_rule(method, [&](auto rule) {
    using Rule = decltype(rule);
    TERN_LAUNCH(ternary_weights_kernel<Rule>, {dim3(blocks_for(w.dim(0), 1)), dim3(kFilterBlock)},
                w.numel() / w.dim(0), w.data<float>(), Rule::kLearns ? learned.data<float>() : nullptr,
                ternary.data<std::int8_t>(), scale.data<float>());
  });
}

void ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w, const Tensor& scale,
                              const Tensor& learned, Tensor& dw, Tensor& dlearned) {
  if (w.dim(0) == 0) return;
  visit_weight_rule(method, [&](auto rule) {
    using Rule = decltype(rule);
    TERN_LAUNCH(ternary_weights_backward_kernel<Rule>, {dim3(blocks_for(w.dim(0), 1)), dim3(kFilterBlock)},
                w.numel() / w.dim(0), dt.data<float>(), w.data<float>(), scale.data<float>(),
                Rule::kLearns ? learned.data<float>() : nullptr, dw.data<float>(),
                Rule::kLearns ? dlearned.data<float>() : nullptr);
  });
}

}  // namespace tern::kernels::cuda
