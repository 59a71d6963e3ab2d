#include "tern/kernels/ternary_weights.h"

#include "tern/kernels/common/ternary_weight_formulas.h"
#include "tern/kernels/cpu/latent_gradient.h"

namespace tern::kernels::cpu {
namespace {

// mean|w| of the weights from first to before last.
float mean_magnitude(const float* w, std::int64_t first, std::int64_t last) {
  double sum = 0;
  for (std::int64_t i = first; i < last; ++i) sum += fabsf(w[i]);
  return static_cast<float>(sum / static_cast<double>(last - first));
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
    double kept = 0;
    std::int64_t count = 0;
    for (std::int64_t i = first; i < last; ++i) {
      t[i] = ternary_above(pw[i], threshold);
      kept += t[i] == 0 ? 0.0F : fabsf(pw[i]);
      count += t[i] == 0 ? 0 : 1;
    }
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
    double sum = 0;
    for (std::int64_t i = first; i < last; ++i) sum += Rule::term(pdt[i] * to_g, pw[i], filter);
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
