#include <cmath>

#include "tern/kernels/common/softmax_cross_entropy_formulas.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/sample_loss.cuh"
#include "tern/kernels/softmax_cross_entropy.h"

namespace tern::kernels::cuda {

void softmax_cross_entropy(const Tensor& logits, const Tensor& labels, float label_smoothing, Tensor& loss,
                           Tensor& probabilities, std::int32_t* bad_label) {
  const std::int64_t classes = logits.dim(1);
  const float* px = logits.data<float>();
  const std::int64_t* label = labels.data<std::int64_t>();
  float* pp = probabilities.data<float>();
  const auto sample_loss = [=] __device__(std::int64_t n) {
    const float* x = px + n * classes;
    const double log_sum = warp_log_sum_exp(x, classes);
    double log_probability_sum = 0;
    for (std::int64_t k = lane_index(); k < classes; k += kWarpSize) {
      const double log_probability = x[k] - log_sum;
      log_probability_sum += log_probability;
      pp[n * classes + k] = std::exp(static_cast<float>(log_probability));
    }
    const bool is_class = label[n] >= 0 && label[n] < classes;
    if (!is_class && lane_index() == 0) atomic_or(bad_label, 1);
    const double label_loss = is_class ? log_sum - x[label[n]] : NAN;
    return smoothed_loss(label_loss, warp_sum(log_probability_sum), classes, label_smoothing);
  };
  mean_loss(logits.dim(0), sample_loss, loss);
}

void softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& probabilities, const Tensor& labels,
                                    float label_smoothing, Tensor& dlogits) {
  const std::int64_t samples = probabilities.dim(0), classes = probabilities.dim(1);
  const float *upstream = dloss.data<float>(), *p = probabilities.data<float>();
  const std::int64_t* label = labels.data<std::int64_t>();
  float* dx = dlogits.data<float>();
  for_each_coordinates({samples, classes}, [=] __device__(std::int64_t i, const Coordinates<2>& at) {
    const float scale = *upstream / static_cast<float>(samples);
    dx[i] = scale * (p[i] - smoothed_target(at[1] == label[at[0]], classes, label_smoothing));
  });
}

}  // namespace tern::kernels::cuda
