#include "tern/kernels/batch_norm_terms.h"

#include "tern/kernels/common/batch_norm_channel_terms.h"

namespace tern::kernels::cpu {

void update_statistics_and_compute_terms(const ChannelStatistics& batch, std::int64_t rows,
                                         const BatchNormInput& input, RunningStatistics& running,
                                         BatchNormTerms& terms, std::int32_t* non_finite) {
  const TrainingTerms training(batch, rows, input, running, terms);
  const std::int64_t channels = input.gamma.numel();
  for (std::int64_t c = 0; c < channels; ++c) {
    if (!training.finite(c)) *non_finite = 1;
  }
  for (std::int64_t c = 0; c < channels; ++c) training.compute(c, *non_finite == 0);
}

void evaluation_terms(const BatchNormInput& input, const RunningStatistics& running, BatchNormTerms& terms) {
  const EvaluationTerms evaluation(input, running, terms);
  for (std::int64_t c = 0; c < input.gamma.numel(); ++c) evaluation.compute(c);
}

}  // namespace tern::kernels::cpu
