#include "tern/kernels/ternary_weights.h"

#include "tern/kernels/common/ternary_weight_formulas.h"
#include "tern/kernels/cpu/lane_sum.h"
#include "tern/kernels/cpu/latent_gradient.h"

namespace tern::kernels::cpu {
namespace {

// mean|w| of the weights from first to before last.
float mean_magnitude(const float* w, std::int64_t first, std::int64_t last) {
  const double sum = lane_sum(first, last, [w](std::int64_t i) { return fabsf(w[i]); });
  return static_cast<float>(sum / static_cast<double>(last - first));
}

// Writes the ternary values and returns how many are not zero. (The pointers are arguments because a store of
// bytes could alias captured ones.)
std::int32_t ternarise(const float* w, std::int64_t n, float threshold, std::int8_t* t) {
  std::int32_t count = 0;
#pragma omp simd reduction(+ : count)
  for (std::int64_t i = 0; i < n; ++i) {
    t[i] = ternary_above(w[i], threshold);
    count += t[i] == 0 ? 0 : 1;
  }
  return count;
}

template <class Rule>
void ternarise_filters(const Tensor& w, Tensor& learned, Tensor& ternary, Tensor& scale) {
  const float* pw = w.data<float>();
  float* values = Rule::kLearns ? learned.data<float>() : nullptr;
  std::int8_t* t = ternary.data<std::int8_t>();
  float* scales = scale.data<float>();
  for_each_filter(w, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    const float mean = mean_magnitude(pw, first, last);
    const float value = learned_of<Rule>(mean, values, o);
    const float threshold = Rule::threshold(mean, value);
    const auto kept_part = [=](std::int64_t i) {
      const float magnitude = fabsf(pw[i]);
      return magnitude > threshold ? magnitude : 0.0F;
    };
    const double kept = lane_sum(first, last, kept_part);
    const std::int32_t count = ternarise(pw + first, last - first, threshold, t + first);
    if (Rule::kLearns) values[o] = value;
    scales[o] = mean == mean ? Rule::scale(mean, value, kept, count) : mean;
  });
}

template <class Rule>
void gradients_of_filters(const Tensor& dt, const Tensor& w, const Tensor& scale, const Tensor& learned,
                          Tensor& dw, Tensor& dlearned) {
  const float *pdt = dt.data<float>(), *pw = w.data<float>(), *scales = scale.data<float>();
  const float* values = Rule::kLearns ? learned.data<float>() : nullptr;
  float* pdw = dw.data<float>();
  float* dvalues = Rule::kLearns ? dlearned.data<float>() : nullptr;
  for_each_filter(w, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    WeightFilter filter{scales[o], 0, 0};
    if constexpr (Rule::kNeedsMean) {
      filter.mean = mean_magnitude(pw, first, last);
      filter.threshold = Rule::threshold(filter.mean, values[o]);
    }
    const float to_g = inverse_scale(filter.scale);
    const std::int64_t n = last - first;
    const double sum =
        lane_sum(first, last, [=](std::int64_t i) { return Rule::term(pdt[i] * to_g, pw[i], filter); });
    for (std::int64_t i = first; i < last; ++i) pdw[i] = Rule::gradient(pdt[i] * to_g, pw[i], filter, sum, n);
    if constexpr (Rule::kLearns) dvalues[o] = Rule::learned_gradient(sum, filter, n);
  });
}

}  // namespace

void ternary_weights(WeightMethod method, const Tensor& w, Tensor& learned, Tensor& ternary, Tensor& scale) {
  visit_weight_rule(method,
                    [&](auto rule) { ternarise_filters<decltype(rule)>(w, learned, ternary, scale); });
}

void ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w, const Tensor& scale,
                              const Tensor& learned, Tensor& dw, Tensor& dlearned) {
  visit_weight_rule(
      method, [&](auto rule) { gradients_of_filters<decltype(rule)>(dt, w, scale, learned, dw, dlearned); });
}

}  // namespace tern::kernels::cpu
