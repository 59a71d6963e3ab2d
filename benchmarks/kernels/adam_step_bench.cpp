#include <array>
#include <cmath>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/adam_step.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

Values moved(const Tensors& in, const kernels::AdamStep& step, int result) {
  const auto *w = in[0].data<float>(), *dw = in[1].data<float>(), *m = in[2].data<float>(),
             *v = in[3].data<float>();
  return generate(in[0].numel(), [=](std::int64_t i) {
    const double moment = m[i] + (1 - step.beta1) * (dw[i] - m[i]);
    const double square = step.beta2 * v[i] + (1 - step.beta2) * dw[i] * dw[i];
    const double mean = moment / (1 - std::pow(step.beta1, step.t));
    const double deviation = std::sqrt(square / (1 - std::pow(step.beta2, step.t)));
    return std::array{w[i] - step.lr * mean / (deviation + step.eps), moment, square}.at(
        static_cast<std::size_t>(result));
  });
}

std::vector<Case> adam_step_cases(Scale scale) {
  const Shape shape = weight_shape(scale);
  kernels::AdamStep step;
  step.lr = 1e-3;
  step.t = 3;
  return {operation("adam_step", shape, [=] {
    return Operation{{test::random_tensor(shape, 1), test::random_tensor(shape, 2),
                      test::random_tensor(shape, 3), test::random_tensor(shape, 4, 0.1F, 1)},
                     [=](Tensors& in) {
                       std::vector<kernels::AdamParameter> parameters{{in[0], in[1], in[2], in[3]}};
                       kernels::adam_step(parameters, step);
                       return Tensors{in[0], in[2], in[3]};
                     },
                     [=](const Tensors& in) {
                       return std::vector<Values>{moved(in, step, 0), moved(in, step, 1), moved(in, step, 2)};
                     }};
  })};
}

const CaseGroup kAdamStep("op/adam_step", &adam_step_cases);

}  // namespace
}  // namespace tern::bench
