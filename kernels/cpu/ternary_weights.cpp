#include "tern/kernels/ternary_weights.h"

#include "tern/kernels/common/ternary_weight_formulas.h"
#include "tern/kernels/cpu/latent_gradient.h"

namespace tern::kernels::cpu {
namespace {

template <class Rule>
void ternarise_filters(const Tensor& w, Tensor& step, Tensor& ternary, Tensor& scale) {
  const float* pw = w.data<float>();
  float* steps = Rule::kLearnsStep ? step.data<float>() : nullptr;
  std::int8_t* t = ternary.data<std::int8_t>();
  float* scales = scale.data<float>();
  for_each_filter(w, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    double sum = 0, kept = 0;
    for (std::int64_t i = first; i < last; ++i) sum += fabsf(pw[i]);
    const auto mean = static_cast<float>(sum / static_cast<double>(last - first));
    const float filter_step = Rule::step(mean, Rule::kLearnsStep ? steps[o] : 0.0F);
    const float threshold = Rule::threshold(filter_step);
    std::int64_t count = 0;
    for (std::int64_t i = first; i < last; ++i) {
      t[i] = ternary_above(pw[i], threshold);
      kept += t[i] == 0 ? 0.0F : fabsf(pw[i]);
      count += t[i] == 0 ? 0 : 1;
    }
    if (Rule::kLearnsStep) steps[o] = filter_step;
    scales[o] = mean == mean ? Rule::scale(filter_step, kept, count) : mean;
  });
}

template <class Rule>
void gradients_of_filters(const Tensor& dt, const Tensor& w, const Tensor& scale, Tensor& dw, Tensor& dstep) {
  const float *pdt = dt.data<float>(), *pw = w.data<float>(), *scales = scale.data<float>();
  float* pdw = dw.data<float>();
  float* dsteps = Rule::kLearnsStep ? dstep.data<float>() : nullptr;
  for_each_filter(w, [=](std::int64_t o, std::int64_t first, std::int64_t last) {
    const float s = scales[o], to_g = inverse_scale(s);
    const std::int64_t n = last - first;
    double sum = 0;
    for (std::int64_t i = first; i < last; ++i) sum += Rule::term(pdt[i] * to_g, pw[i], s);
    for (std::int64_t i = first; i < last; ++i) pdw[i] = Rule::gradient(pdt[i] * to_g, pw[i], s, sum, n);
    if constexpr (Rule::kLearnsStep) dsteps[o] = Rule::step_gradient(sum, n);
  });
}

}  // namespace

void ternary_weights(WeightMethod method, const Tensor& w, Tensor& step, Tensor& ternary, Tensor& scale) {
  visit_weight_rule(method, [&](auto rule) { ternarise_filters<decltype(rule)>(w, step, ternary, scale); });
}

void ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w, const Tensor& scale,
                              Tensor& dw, Tensor& dstep) {
  visit_weight_rule(method,
                    [&](auto rule) { gradients_of_filters<decltype(rule)>(dt, w, scale, dw, dstep); });
}

}  // namespace tern::kernels::cpu
