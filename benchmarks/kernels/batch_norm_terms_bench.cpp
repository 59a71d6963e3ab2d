#include <cmath>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/batch_norm_terms.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

constexpr std::int64_t kRows = 1000;

enum Input : std::size_t { kMean, kVariance, kRunningMean, kRunningVariance, kScale };

Tensors inputs(const Shape& shape) {
  return {test::random_tensor(shape, 1), test::random_tensor(shape, 2, 0.1F, 1),
          test::random_tensor(shape, 3), test::random_tensor(shape, 4, 0.1F, 1),
          test::random_tensor(shape, 5, 0.1F, 1)};
}

/// Gamma and beta are handed on and not read: any tensors of the shape will do.
kernels::BatchNormInput batch_norm_input(const Tensors& in, const Tensor& scale) {
  return {in[kScale], in[kMean], scale, {}};
}

double inverse_deviation(double variance) {
  return 1 / std::sqrt(variance + double{kernels::RunningStatistics{}.eps});
}

Tensors update_statistics_and_compute_terms(Tensors& in) {
  kernels::RunningStatistics running{in[kRunningMean], in[kRunningVariance]};
  const auto terms = kernels::update_statistics_and_compute_terms(
      {in[kMean], in[kVariance]}, kRows, batch_norm_input(in, in[kScale]), running, "tern-bench");
  return {terms.mean, terms.inv_std, in[kRunningMean]};
}

std::vector<Values> right_training_terms(const Tensors& in) {
  const auto *mean = in[kMean].data<float>(), *variance = in[kVariance].data<float>(),
             *running = in[kRunningMean].data<float>(), *scale = in[kScale].data<float>();
  const double momentum = kernels::RunningStatistics{}.momentum;
  const auto scaled_mean = [=](std::int64_t c) { return double{scale[c]} * mean[c]; };
  const auto inv_std = [=](std::int64_t c) {
    return inverse_deviation(double{scale[c]} * scale[c] * variance[c]);
  };
  const auto running_mean = [=](std::int64_t c) {
    return (1 - momentum) * running[c] + momentum * scaled_mean(c);
  };
  const std::int64_t channels = in[kMean].numel();
  return {generate(channels, scaled_mean), generate(channels, inv_std), generate(channels, running_mean)};
}

Tensors evaluation_terms(Tensors& in) {
  const auto terms =
      kernels::evaluation_terms(batch_norm_input(in, {}), {in[kRunningMean], in[kRunningVariance]});
  return {terms.mean, terms.inv_std};
}

std::vector<Values> right_evaluation_terms(const Tensors& in) {
  const auto* variance = in[kRunningVariance].data<float>();
  const auto inv_std = [=](std::int64_t c) { return inverse_deviation(variance[c]); };
  return {test::as_doubles(in[kRunningMean]), generate(in[kMean].numel(), inv_std)};
}

std::vector<Case> batch_norm_terms_cases(Scale scale) {
  const Shape shape{weight_shape(scale)[0]};
  const auto training = [=] {
    return Operation{inputs(shape), update_statistics_and_compute_terms, right_training_terms};
  };
  const auto evaluation = [=] { return Operation{inputs(shape), evaluation_terms, right_evaluation_terms}; };
  return {operation("update_statistics_and_compute_terms", shape, training),
          operation("evaluation_terms", shape, evaluation)};
}

const CaseGroup kBatchNormTerms("op/batch_norm_terms", &batch_norm_terms_cases);

}  // namespace
}  // namespace tern::bench
