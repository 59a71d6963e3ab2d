#include "tern/kernels/batch_norm_terms.h"
#include "tern/kernels/common/batch_norm_channel_terms.h"
#include "tern/kernels/cuda/elementwise.cuh"

namespace tern::kernels::cuda {
namespace {

constexpr int kTermsBlock = 256;

// One block: no channel may move the running statistics before it is known that all are finite.
__global__ void __launch_bounds__(kTermsBlock)
    update_statistics_and_compute_terms_kernel(TrainingTerms training, std::int64_t channels,
                                               std::int32_t* non_finite) {
  for (std::int64_t c = threadIdx.x; c < channels; c += kTermsBlock) {
    if (!training.finite(c)) atomic_or(non_finite, 1);
  }
  sync_block();
  const bool finite = *non_finite == 0;
  for (std::int64_t c = threadIdx.x; c < channels; c += kTermsBlock) training.compute(c, finite);
}

}  // namespace

void update_statistics_and_compute_terms(const ChannelStatistics& batch, std::int64_t rows,
                                         const BatchNormInput& input, RunningStatistics& running,
                                         BatchNormTerms& terms, std::int32_t* non_finite) {
  TERN_LAUNCH(update_statistics_and_compute_terms_kernel, {dim3(1), dim3(kTermsBlock)},
              TrainingTerms(batch, rows, input, running, terms), input.gamma.numel(), non_finite);
}

void evaluation_terms(const BatchNormInput& input, const RunningStatistics& running, BatchNormTerms& terms) {
  const EvaluationTerms evaluation(input, running, terms);
  for_each_element(input.gamma.numel(), [=] __device__(std::int64_t c) { evaluation.compute(c); });
}

}  // namespace tern::kernels::cuda
