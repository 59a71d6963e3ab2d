#include "tern/kernels/batch_norm_terms.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"
#include "tern/kernels/finite_check.h"

namespace tern::kernels {
namespace {

void check_input(const char* op, const BatchNormInput& input, const RunningStatistics& running) {
  check_f32(op, "gamma", input.gamma, 1);
  const std::int64_t channels = input.gamma.dim(0);
  check_per_channel(op, "beta", input.beta, channels);
  check_per_channel(op, "running mean", running.mean, channels);
  check_per_channel(op, "running variance", running.variance, channels);
  if (input.scale.defined()) check_per_channel(op, "scale", input.scale, channels);
  if (input.input_bias.defined()) check_per_channel(op, "input bias", input.input_bias, channels);
}

BatchNormTerms allocate_terms(const BatchNormInput& input) {
  return {Tensor::empty_like(input.gamma), Tensor::empty_like(input.gamma), input.gamma, input.beta};
}

}  // namespace

BatchNormTerms update_statistics_and_compute_terms(const ChannelStatistics& batch, std::int64_t rows,
                                                   const BatchNormInput& input, RunningStatistics& running,
                                                   const std::string& layer) {
  static constexpr Kernel<decltype(cpu::update_statistics_and_compute_terms)> kernel{
      "batch_norm_training_terms", &cpu::update_statistics_and_compute_terms,
      TERN_CUDA_KERNEL(cuda::update_statistics_and_compute_terms)};
  check_input("batch_norm", input, running);
  check_per_channel("batch_norm", "mean", batch.mean, input.gamma.dim(0));
  check_per_channel("batch_norm", "variance", batch.variance, input.gamma.dim(0));
  require<ShapeError>(rows > 1, "{}: batch statistics need more than one value per channel", layer);
  BatchNormTerms terms = allocate_terms(input);
  const Device device = input.gamma.device();
  FiniteCheck finite(device, layer + ": mean or variance of the batch is NaN or infinite");
  kernel(device, batch, rows, input, running, terms, finite.flag());
  finite.throw_or_defer();
  return terms;
}

BatchNormTerms evaluation_terms(const BatchNormInput& input, const RunningStatistics& running) {
  static constexpr Kernel<decltype(cpu::evaluation_terms)> kernel{
      "batch_norm_evaluation_terms", &cpu::evaluation_terms, TERN_CUDA_KERNEL(cuda::evaluation_terms)};
  check_input("batch_norm", input, running);
  BatchNormTerms terms = allocate_terms(input);
  kernel(input.gamma.device(), input, running, terms);
  return terms;
}

}  // namespace tern::kernels
