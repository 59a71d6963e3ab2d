// The terms of one channel of a batch norm, for the loops over channels of all devices.
#pragma once

#include <cstdint>

#include "tern/kernels/batch_norm_terms.h"
#include "tern/kernels/common/batch_norm_formulas.h"

namespace tern::kernels {

/// Raw view of the arguments of update_statistics_and_compute_terms and evaluation_terms. Null: scale (1) and
/// input_bias (0).
struct ChannelTermsView {
  ChannelTermsView(const BatchNormInput& input, const RunningStatistics& running, BatchNormTerms& terms)
      : scale(input.scale.defined() ? input.scale.data<float>() : nullptr),
        input_bias(input.input_bias.defined() ? input.input_bias.data<float>() : nullptr),
        momentum(running.momentum),
        eps(running.eps),
        mean(terms.mean.data<float>()),
        inv_std(terms.inv_std.data<float>()) {}

  TERN_HOST_DEVICE float scale_of(std::int64_t c) const { return scale == nullptr ? 1.0F : scale[c]; }
  TERN_HOST_DEVICE float input_bias_of(std::int64_t c) const {
    return input_bias == nullptr ? 0.0F : input_bias[c];
  }

  const float *scale, *input_bias;
  float momentum, eps;
  float *mean, *inv_std;  // results
};

class TrainingTerms {
 public:
  TrainingTerms(const ChannelStatistics& batch, std::int64_t rows, const BatchNormInput& input,
                RunningStatistics& running, BatchNormTerms& terms)
      : view_(input, running, terms),
        batch_mean_(batch.mean.data<float>()),
        batch_variance_(batch.variance.data<float>()),
        running_mean_(running.mean.data<float>()),
        running_variance_(running.variance.data<float>()),
        unbias_(static_cast<double>(rows) / static_cast<double>(rows - 1)) {}

  TERN_HOST_DEVICE bool finite(std::int64_t c) const {
    return poison(batch_mean_[c]) == 0 && poison(batch_variance_[c]) == 0 && poison(view_.scale_of(c)) == 0;
  }

  TERN_HOST_DEVICE void compute(std::int64_t c, bool update_running) const {
    const double scale = view_.scale_of(c);
    const double mean = scale * batch_mean_[c];
    const double variance = scale * scale * batch_variance_[c];
    view_.mean[c] = static_cast<float>(mean);
    view_.inv_std[c] = inverse_deviation(variance, view_.eps);
    if (!update_running) return;
    const float keep = 1 - view_.momentum;
    running_mean_[c] =
        keep * running_mean_[c] + view_.momentum * static_cast<float>(mean + view_.input_bias_of(c));
    running_variance_[c] =
        keep * running_variance_[c] + view_.momentum * static_cast<float>(variance * unbias_);
  }

 private:
  ChannelTermsView view_;
  const float *batch_mean_, *batch_variance_;
  float *running_mean_, *running_variance_;
  double unbias_;
};

class EvaluationTerms {
 public:
  EvaluationTerms(const BatchNormInput& input, const RunningStatistics& running, BatchNormTerms& terms)
      : view_(input, running, terms),
        running_mean_(running.mean.data<float>()),
        running_variance_(running.variance.data<float>()) {}

  TERN_HOST_DEVICE void compute(std::int64_t c) const {
    view_.mean[c] = running_mean_[c] - view_.input_bias_of(c);
    view_.inv_std[c] = inverse_deviation(static_cast<double>(running_variance_[c]), view_.eps);
  }

 private:
  ChannelTermsView view_;
  const float *running_mean_, *running_variance_;
};

}  // namespace tern::kernels
