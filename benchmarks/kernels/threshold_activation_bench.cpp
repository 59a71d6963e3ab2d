#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/threshold_activation.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

constexpr float kLow = -0.5F, kHigh = 0.25F;

std::vector<Case> threshold_activation_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const std::int64_t channels = shape[-1];
  const Tensor low = Tensor::full({channels}, kLow), high = Tensor::full({channels}, kHigh);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1, -2, 2), low, high},
                     [](Tensors& in) { return Tensors{kernels::threshold_activation(in[0], in[1], in[2])}; },
                     [](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{generate(in[0].numel(), [=](std::int64_t i) {
                         return (x[i] >= kHigh ? 1 : 0) - (x[i] < kLow ? 1 : 0);
                       })};
                     }};
  };
  const auto backward = [=] {
    return Operation{
        {test::random_tensor(shape, 1), test::random_tensor(shape, 2, -2, 2), low, high},
        [](Tensors& in) {
          const auto g = kernels::threshold_activation_backward(in[0], in[1], in[2], in[3]);
          return Tensors{g.dx, g.dlow, g.dhigh};
        },
        [=](const Tensors& in) {
          const auto *dy = in[0].data<float>(), *x = in[1].data<float>();
          const auto above = [=](std::int64_t i) { return x[i] >= 0 && x[i] <= 2 * kHigh; };
          const auto below = [=](std::int64_t i) { return x[i] < 0 && x[i] >= 2 * kLow; };
          return std::vector<Values>{
              generate(in[0].numel(),
                       [=](std::int64_t i) {
                         return above(i) ? dy[i] / (2 * kHigh) : below(i) ? dy[i] / (-2 * kLow) : 0;
                       }),
              sum_rows(
                  in[0].numel(), channels,
                  [=](std::int64_t i) { return below(i) ? double{dy[i]} * x[i] / (2 * kLow * kLow) : 0; }),
              sum_rows(in[0].numel(), channels, [=](std::int64_t i) {
                return above(i) ? -double{dy[i]} * x[i] / (2 * kHigh * kHigh) : 0;
              })};
        }};
  };
  return {operation("threshold_activation", shape, forward),
          operation("threshold_activation_backward", shape, backward)};
}

const CaseGroup kThresholdActivation("op/threshold_activation", &threshold_activation_cases);

}  // namespace
}  // namespace tern::bench
