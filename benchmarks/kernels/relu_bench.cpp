#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/relu.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> relu_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1)},
                     [](Tensors& in) { return Tensors{kernels::relu(in[0])}; },
                     [](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{
                           generate(in[0].numel(), [=](std::int64_t i) { return x[i] < 0 ? 0 : x[i]; })};
                     }};
  };
  const auto backward = [=] {
    return Operation{{test::random_tensor(shape, 1), test::random_tensor(shape, 2)},
                     [](Tensors& in) { return Tensors{kernels::relu_backward(in[0], in[1])}; },
                     [](const Tensors& in) {
                       const auto *dy = in[0].data<float>(), *y = in[1].data<float>();
                       return std::vector<Values>{
                           generate(in[0].numel(), [=](std::int64_t i) { return y[i] > 0 ? dy[i] : 0; })};
                     }};
  };
  return {operation("relu", shape, forward), operation("relu_backward", shape, backward)};
}

const CaseGroup kRelu("op/relu", &relu_cases);

}  // namespace
}  // namespace tern::bench
