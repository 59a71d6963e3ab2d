#include <cmath>

#include "tern/kernels/common/softmax_cross_entropy_formulas.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/sample_loss.cuh"
#include "tern/kernels/softmax_cross_entropy.h"

namespace tern::kernels::cuda {

void softmax_cross_entropy(const Tensor& logits, const Tensor& labels, float label_smoothing,
                           const Tensor& class_weights, SoftmaxCrossEntropyResult& result,
                           std::int32_t* bad_label) {
  const std::int64_t classes = logits.dim(1);
  const float* px = logits.data<float>();
  const float* weights = class_weights.defined() ? class_weights.data<float>() : nullptr;
  const std::int64_t* label = labels.data<std::int64_t>();
  float* difference = result.difference.data<float>();
  const auto sample_loss = [=] __device__(std::int64_t n) {
    const float* x = px + n * classes;
    const double log_sum = warp_log_sum_exp(x, classes);
    double target_sum = 1;
    if (weights != nullptr) {
      double sum = 0;
      for (std::int64_t k = lane_index(); k < classes; k += kWarpSize) {
        sum += weights[k] * smoothed_target(k == label[n], classes, label_smoothing);
      }
      target_sum = warp_sum(sum);
    }
    double log_probability_sum = 0;
    for (std::int64_t k = lane_index(); k < classes; k += kWarpSize) {
      const double log_probability = x[k] - log_sum;
      const float weight = class_weight(weights, k);
      log_probability_sum += weight * log_probability;
      difference[n * classes + k] =
          static_cast<float>(target_sum) * std::exp(static_cast<float>(log_probability)) -
          weight * smoothed_target(k == label[n], classes, label_smoothing);
    }
    const bool is_class = label[n] >= 0 && label[n] < classes;
    if (!is_class && lane_index() == 0) atomic_or(bad_label, 1);
    const double label_loss = is_class ? class_weight(weights, label[n]) * (log_sum - x[label[n]]) : NAN;
    return smoothed_loss(label_loss, warp_sum(log_probability_sum), classes, label_smoothing);
  };
  const auto weight_of = [=] __device__(std::int64_t n) {
    const bool is_class = label[n] >= 0 && label[n] < classes;
    return double{is_class ? class_weight(weights, label[n]) : 1.0F};
  };
  mean_loss(logits.dim(0), sample_loss, weight_of, result.loss, result.weight_sum);
}

void softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& difference, const Tensor& weight_sum,
                                    Tensor& dlogits) {
  const float *upstream = dloss.data<float>(), *in = difference.data<float>();
  const float* sum = weight_sum.defined() ? weight_sum.data<float>() : nullptr;
  const float samples = static_cast<float>(difference.dim(0));
  float* out = dlogits.data<float>();
  for_each_element(difference.numel(), [=] __device__(std::int64_t i) {
    const float scale = *upstream / (sum == nullptr ? samples : *sum);
    out[i] = scale * in[i];
  });
}

}  // namespace tern::kernels::cuda
