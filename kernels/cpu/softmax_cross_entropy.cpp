#include "tern/kernels/softmax_cross_entropy.h"

#include <numeric>
#include <vector>

#include "tern/core/parallel.h"
#include "tern/kernels/common/softmax_cross_entropy_formulas.h"
#include "tern/kernels/cpu/log_sum_exp.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kGrain = 16;  // samples

// Writes softmax(x) to `probabilities` and returns the loss of the sample.
double sample_loss(const float* x, std::int64_t classes, std::int64_t label, float label_smoothing,
                   float* probabilities) {
  const double log_sum = log_sum_exp(x, classes);
  double log_probability_sum = 0;
  for (std::int64_t k = 0; k < classes; ++k) {
    const double log_probability = x[k] - log_sum;
    log_probability_sum += log_probability;
    probabilities[k] = std::exp(static_cast<float>(log_probability));
  }
  return smoothed_loss(log_sum - x[label], log_probability_sum, classes, label_smoothing);
}

}  // namespace

void softmax_cross_entropy(const Tensor& logits, const Tensor& labels, float label_smoothing, Tensor& loss,
                           Tensor& probabilities, std::int32_t*) {
  const std::int64_t samples = logits.dim(0), classes = logits.dim(1);
  const float* x = logits.data<float>();
  const std::int64_t* label = labels.data<std::int64_t>();
  float* p = probabilities.data<float>();
  std::vector<double> losses(static_cast<std::size_t>(samples));
  double* out = losses.data();
  parallel_for(0, samples, kGrain, [=](std::int64_t n, std::int64_t last) {
    for (; n < last; ++n) {
      out[n] = sample_loss(x + n * classes, classes, label[n], label_smoothing, p + n * classes);
    }
  });
  const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
  *loss.data<float>() = static_cast<float>(total / static_cast<double>(samples));
}

void softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& probabilities, const Tensor& labels,
                                    float label_smoothing, Tensor& dlogits) {
  const std::int64_t samples = probabilities.dim(0), classes = probabilities.dim(1);
  const float* p = probabilities.data<float>();
  const std::int64_t* label = labels.data<std::int64_t>();
  float* dx = dlogits.data<float>();
  const float scale = *dloss.data<float>() / static_cast<float>(samples);
  parallel_for(0, samples, kGrain, [=](std::int64_t n, std::int64_t last) {
    for (; n < last; ++n) {
      for (std::int64_t k = 0; k < classes; ++k) {
        const float target = smoothed_target(k == label[n], classes, label_smoothing);
        dx[n * classes + k] = scale * (p[n * classes + k] - target);
      }
    }
  });
}

}  // namespace tern::kernels::cpu
