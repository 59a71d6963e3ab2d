#include "tern/kernels/softmax_cross_entropy.h"

#include <vector>

#include "tern/core/parallel.h"
#include "tern/kernels/common/softmax_cross_entropy_formulas.h"
#include "tern/kernels/cpu/log_sum_exp.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kSamplesAtOnce = 16;

// Of the targets of one sample.
double target_sum(std::int64_t label, std::int64_t classes, float label_smoothing, const float* weights) {
  if (weights == nullptr) return 1;
  double sum = 0;
  for (std::int64_t k = 0; k < classes; ++k) {
    sum += weights[k] * smoothed_target(k == label, classes, label_smoothing);
  }
  return sum;
}

// Writes sum(target) * softmax(x) - target to `difference` and returns the loss of the sample.
double sample_loss(const float* x, std::int64_t classes, std::int64_t label, float label_smoothing,
                   const float* weights, float* difference) {
  const double log_sum = log_sum_exp(x, classes);
  const auto targets = static_cast<float>(target_sum(label, classes, label_smoothing, weights));
  double log_probability_sum = 0;
  for (std::int64_t k = 0; k < classes; ++k) {
    const double log_probability = x[k] - log_sum;
    const float weight = class_weight(weights, k);
    log_probability_sum += weight * log_probability;
    difference[k] = targets * std::exp(static_cast<float>(log_probability)) -
                    weight * smoothed_target(k == label, classes, label_smoothing);
  }
  return smoothed_loss(class_weight(weights, label) * (log_sum - x[label]), log_probability_sum, classes,
                       label_smoothing);
}

}  // namespace

void softmax_cross_entropy(const Tensor& logits, const Tensor& labels, float label_smoothing,
                           const Tensor& class_weights, SoftmaxCrossEntropyResult& result, std::int32_t*) {
  const std::int64_t samples = logits.dim(0), classes = logits.dim(1);
  const float* x = logits.data<float>();
  const float* weights = class_weights.defined() ? class_weights.data<float>() : nullptr;
  const std::int64_t* label = labels.data<std::int64_t>();
  float* difference = result.difference.data<float>();
  std::vector<double> losses(static_cast<std::size_t>(samples));
  double* out = losses.data();
  parallel_for(0, samples, kSamplesAtOnce, [=](std::int64_t n, std::int64_t last) {
    for (; n < last; ++n) {
      out[n] =
          sample_loss(x + n * classes, classes, label[n], label_smoothing, weights, difference + n * classes);
    }
  });
  double total = 0, weight_sum = 0;
  for (std::int64_t n = 0; n < samples; ++n) {
    total += out[n];
    weight_sum += class_weight(weights, label[n]);
  }
  *result.loss.data<float>() = static_cast<float>(total / weight_sum);
  if (weights != nullptr) *result.weight_sum.data<float>() = static_cast<float>(weight_sum);
}

void softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& difference, const Tensor& weight_sum,
                                    Tensor& dlogits) {
  const float divisor =
      weight_sum.defined() ? *weight_sum.data<float>() : static_cast<float>(difference.dim(0));
  const float scale = *dloss.data<float>() / divisor;
  const float* in = difference.data<float>();
  float* out = dlogits.data<float>();
  for (std::int64_t i = 0; i < difference.numel(); ++i) out[i] = scale * in[i];
}

}  // namespace tern::kernels::cpu
