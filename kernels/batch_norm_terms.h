// From statistics to the per-channel terms of a batch norm, with the running statistics.
//
// As torch.nn.BatchNorm2d: running = (1 - momentum) * running + momentum * batch, the running variance from
// the unbiased batch variance (R - 1). Two extensions:
// - `scale` (C) or undefined: the statistics are those of z, the normalised input is scale * z;
// - `input_bias` (C) or undefined: the input stands for input + bias. Batch statistics cancel a bias exactly,
//   so it only moves the running mean in training and is taken off it in evaluation. This is how a
//   convolution with bias before a batch norm is computed, so that folding the bias away in a merge changes
//   no bit.
#pragma once

#include "tern/kernels/batch_norm.h"

namespace tern::kernels {

struct BatchNormInput {
  Tensor gamma;
  Tensor beta;
  Tensor scale;
  Tensor input_bias;
};

struct RunningStatistics {
  Tensor mean;      // (C) f32
  Tensor variance;  // (C) f32
  float momentum = 0.1F;
  float eps = 1e-5F;
};

/// Terms from batch statistics over `rows` rows; updates `running` in place. Throws NumericError naming
/// `layer` (finite_check.h says when), running statistics untouched, if the statistics are NaN or infinite.
BatchNormTerms update_statistics_and_compute_terms(const ChannelStatistics& batch, std::int64_t rows,
                                                   const BatchNormInput& input, RunningStatistics& running,
                                                   const std::string& layer);

/// Terms from the running statistics.
BatchNormTerms evaluation_terms(const BatchNormInput& input, const RunningStatistics& running);

namespace cpu {
void update_statistics_and_compute_terms(const ChannelStatistics& batch, std::int64_t rows,
                                         const BatchNormInput& input, RunningStatistics& running,
                                         BatchNormTerms& terms, std::int32_t* non_finite);
void evaluation_terms(const BatchNormInput& input, const RunningStatistics& running, BatchNormTerms& terms);
}  // namespace cpu

namespace cuda {
void update_statistics_and_compute_terms(const ChannelStatistics& batch, std::int64_t rows,
                                         const BatchNormInput& input, RunningStatistics& running,
                                         BatchNormTerms& terms, std::int32_t* non_finite);
void evaluation_terms(const BatchNormInput& input, const RunningStatistics& running, BatchNormTerms& terms);
}  // namespace cuda

}  // namespace tern::kernels
