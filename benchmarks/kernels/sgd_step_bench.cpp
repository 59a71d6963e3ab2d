#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/sgd_step.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> sgd_step_cases(Scale scale) {
  const Shape shape = weight_shape(scale);
  const kernels::SgdStep step{0.1F, 0.9F, 1e-4F, 1, false};
  return {operation("sgd_step", shape, [=] {
    return Operation{
        {test::random_tensor(shape, 1), test::random_tensor(shape, 2), test::random_tensor(shape, 3)},
        [=](Tensors& in) {
          std::vector<kernels::SgdParameter> parameters{{in[0], in[1], in[2]}};
          kernels::sgd_step(parameters, step);
          return Tensors{in[0], in[2]};
        },
        [=](const Tensors& in) {
          const auto *w = in[0].data<float>(), *dw = in[1].data<float>(), *buffer = in[2].data<float>();
          const auto moved = [=](std::int64_t i) {
            return double{step.momentum} * buffer[i] + dw[i] + double{step.weight_decay} * w[i];
          };
          return std::vector<Values>{
              generate(shape.numel(), [=](std::int64_t i) { return w[i] - step.lr * moved(i); }),
              generate(shape.numel(), moved)};
        }};
  })};
}

const CaseGroup kSgdStep("op/sgd_step", &sgd_step_cases);

}  // namespace
}  // namespace tern::bench
