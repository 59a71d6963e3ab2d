#include "kernels/batch_norm_terms.h"

#include <cmath>

namespace tern::kernels::cpu {
namespace {

float inverse_deviation(double variance, float eps) {
  return static_cast<float>(1.0 / std::sqrt(variance + static_cast<double>(eps)));
}

float value_or(const Tensor& tensor, std::int64_t i, float otherwise) {
  return tensor.defined() ? tensor.data<float>()[i] : otherwise;
}

bool finite(const Tensor& vector) {
  const float* values = vector.data<float>();
  for (std::int64_t i = 0; i < vector.numel(); ++i) {
    if (!std::isfinite(values[i])) return false;
  }
  return true;
}

}  // namespace

bool training_terms(const ChannelStatistics& batch, std::int64_t rows, const BatchNormInput& input,
                    RunningStatistics& running, BatchNormTerms& terms) {
  if (!finite(batch.mean) || !finite(batch.variance)) return false;
  if (input.scale.defined() && !finite(input.scale)) return false;
  const double unbias = static_cast<double>(rows) / static_cast<double>(rows - 1);
  const float keep = 1 - running.momentum;
  for (std::int64_t c = 0; c < input.gamma.numel(); ++c) {
    const double scale = value_or(input.scale, c, 1.0F);
    const double mean = scale * batch.mean.data<float>()[c];
    const double variance = scale * scale * batch.variance.data<float>()[c];
    terms.mean.data<float>()[c] = static_cast<float>(mean);
    terms.inv_std.data<float>()[c] = inverse_deviation(variance, running.eps);
    float& running_mean = running.mean.data<float>()[c];
    float& running_variance = running.variance.data<float>()[c];
    running_mean = keep * running_mean +
                   running.momentum * static_cast<float>(mean + value_or(input.input_bias, c, 0.0F));
    running_variance = keep * running_variance + running.momentum * static_cast<float>(variance * unbias);
  }
  return true;
}

void evaluation_terms(const BatchNormInput& input, const RunningStatistics& running, BatchNormTerms& terms) {
  for (std::int64_t c = 0; c < input.gamma.numel(); ++c) {
    terms.mean.data<float>()[c] = running.mean.data<float>()[c] - value_or(input.input_bias, c, 0.0F);
    terms.inv_std.data<float>()[c] =
        inverse_deviation(static_cast<double>(running.variance.data<float>()[c]), running.eps);
  }
}

}  // namespace tern::kernels::cpu
