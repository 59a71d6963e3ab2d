#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/prelu.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> prelu_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const std::int64_t channels = shape[-1];
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1), test::random_tensor({channels}, 2)},
                     [](Tensors& in) { return Tensors{kernels::prelu(in[0], in[1])}; },
                     [=](const Tensors& in) {
                       const auto *x = in[0].data<float>(), *slope = in[1].data<float>();
                       return std::vector<Values>{generate(in[0].numel(), [=](std::int64_t i) {
                         return x[i] > 0 ? x[i] : double{slope[i % channels]} * x[i];
                       })};
                     }};
  };
  const auto backward = [=] {
    return Operation{
        {test::random_tensor(shape, 1), test::random_tensor(shape, 2), test::random_tensor({channels}, 3)},
        [](Tensors& in) {
          const kernels::PreluGradients g = kernels::prelu_backward(in[0], in[1], in[2]);
          return Tensors{g.dx, g.dslope};
        },
        [=](const Tensors& in) {
          const auto *dy = in[0].data<float>(), *x = in[1].data<float>(), *slope = in[2].data<float>();
          return std::vector<Values>{generate(in[0].numel(),
                                              [=](std::int64_t i) {
                                                return x[i] > 0 ? dy[i] : double{slope[i % channels]} * dy[i];
                                              }),
                                     sum_rows(in[0].numel(), channels, [=](std::int64_t i) {
                                       return x[i] > 0 ? 0 : double{dy[i]} * x[i];
                                     })};
        }};
  };
  return {operation("prelu", shape, forward), operation("prelu_backward", shape, backward)};
}

const CaseGroup kPrelu("op/prelu", &prelu_cases);

}  // namespace
}  // namespace tern::bench
