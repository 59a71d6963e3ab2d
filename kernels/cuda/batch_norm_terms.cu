#include "kernels/batch_norm_channel_terms.h"
#include "kernels/batch_norm_terms.h"
#include "kernels/cuda/elementwise.cuh"
#include "kernels/cuda/non_finite_flag.h"

namespace tern::kernels::cuda {
namespace {

constexpr int kBlock = 256;

// One block: no channel may move the running statistics before it is known that all are finite.
__global__ void __launch_bounds__(kBlock)
    training_terms_kernel(TrainingTerms training, std::int64_t channels, std::int32_t* non_finite) {
  TERN_SHARED(int, any_bad, 1);
  if (threadIdx.x == 0) *any_bad = 0;
  sync_block();
  for (std::int64_t c = threadIdx.x; c < channels; c += kBlock) {
    if (!training.finite(c)) atomic_or(any_bad, 1);
  }
  sync_block();
  if (*any_bad != 0) {
    if (threadIdx.x == 0) *non_finite = 1;
    return;
  }
  for (std::int64_t c = threadIdx.x; c < channels; c += kBlock) training.compute(c);
}

}  // namespace

bool training_terms(const ChannelStatistics& batch, std::int64_t rows, const BatchNormInput& input,
                    RunningStatistics& running, BatchNormTerms& terms) {
  NonFiniteFlag flag(input.gamma.device());
  TERN_LAUNCH(training_terms_kernel, {dim3(1), dim3(kBlock)},
              TrainingTerms(batch, rows, input, running, terms), input.gamma.numel(), flag.word());
  return flag.finite();
}

void evaluation_terms(const BatchNormInput& input, const RunningStatistics& running, BatchNormTerms& terms) {
  const EvaluationTerms evaluation(input, running, terms);
  for_each_element(input.gamma.numel(), [=] __device__(std::int64_t c) { evaluation.compute(c); });
}

}  // namespace tern::kernels::cuda
