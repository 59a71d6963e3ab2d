#include <cmath>

#include "benchmarks/support/operation.h"
#include "kernels/batch_norm_terms.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

constexpr std::int64_t kRows = 1000;

double inverse_deviation(double variance) {
  return 1 / std::sqrt(variance + double{kernels::RunningStatistics{}.eps});
}

std::vector<Case> cases(Scale scale) {
  const std::int64_t channels = weight_shape(scale)[0];
  const Shape shape{channels};
  const auto inputs = [=] {  // statistics of the batch, running statistics, the scale
    return Tensors{test::random_tensor(shape, 1), test::random_tensor(shape, 2, 0.1F, 1),
                   test::random_tensor(shape, 3), test::random_tensor(shape, 4, 0.1F, 1),
                   test::random_tensor(shape, 5, 0.1F, 1)};
  };
  const kernels::BatchNormInput input{Tensor::full(shape, 1), Tensor::zeros(shape), {}, {}};
  const auto training = [=] {
    return Operation{inputs(),
                     [=](Tensors& in) {
                       const Device device = in[0].device();
                       kernels::RunningStatistics running{in[2], in[3]};
                       const auto terms = kernels::training_terms(
                           {in[0], in[1]}, kRows, {input.gamma.to(device), input.beta.to(device), in[4], {}},
                           running, "tern-bench");
                       return Tensors{terms.mean, terms.inv_std, in[2]};
                     },
                     [=](const Tensors& in) {
                       const auto *mean = in[0].data<float>(), *variance = in[1].data<float>(),
                                  *running = in[2].data<float>(), *factor = in[4].data<float>();
                       const double momentum = kernels::RunningStatistics{}.momentum;
                       const auto scaled = [=](std::int64_t c) { return double{factor[c]} * mean[c]; };
                       return std::vector<Values>{
                           generate(channels, scaled),
                           generate(channels,
                                    [=](std::int64_t c) {
                                      return inverse_deviation(double{factor[c]} * factor[c] * variance[c]);
                                    }),
                           generate(channels, [=](std::int64_t c) {
                             return (1 - momentum) * running[c] + momentum * scaled(c);
                           })};
                     }};
  };
  const auto evaluation = [=] {
    return Operation{inputs(),
                     [=](Tensors& in) {
                       const Device device = in[0].device();
                       const auto terms = kernels::evaluation_terms(
                           {input.gamma.to(device), input.beta.to(device), {}, {}}, {in[2], in[3]});
                       return Tensors{terms.mean, terms.inv_std};
                     },
                     [=](const Tensors& in) {
                       const auto* variance = in[3].data<float>();
                       return std::vector<Values>{test::as_doubles(in[2]),
                                                  generate(channels, [=](std::int64_t c) {
                                                    return inverse_deviation(variance[c]);
                                                  })};
                     }};
  };
  return {operation("training_terms", shape, training), operation("evaluation_terms", shape, evaluation)};
}

const CaseGroup kGroup("op/batch_norm_terms", &cases);

}  // namespace
}  // namespace tern::bench
