#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/ternary_activation.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> ternary_activation_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1, -2, 2)},
                     [](Tensors& in) { return Tensors{kernels::ternary_activation(in[0]).y}; },
                     [](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{generate(in[0].numel(), [=](std::int64_t i) {
                         return (x[i] >= 0.5F ? 1 : 0) - (x[i] < -0.5F ? 1 : 0);
                       })};
                     }};
  };
  const auto binary = [=] {
    return Operation{{test::random_tensor(shape, 1, -2, 2)},
                     [](Tensors& in) { return Tensors{kernels::binary_activation(in[0]).y}; },
                     [](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{
                           generate(in[0].numel(), [=](std::int64_t i) { return x[i] < 0 ? -1 : 1; })};
                     }};
  };
  const auto backward = [=] {
    const Tensor x = test::random_tensor(shape, 1, -2, 2);
    return Operation{{test::random_tensor(shape, 2), kernels::ternary_activation(x).mask},
                     [](Tensors& in) { return Tensors{kernels::ternary_activation_backward(in[0], in[1])}; },
                     [x](const Tensors& in) {
                       const auto *dy = in[0].data<float>(), *px = x.data<float>();
                       return std::vector<Values>{generate(
                           x.numel(), [=](std::int64_t i) { return px[i] >= -1 && px[i] <= 1 ? dy[i] : 0; })};
                     }};
  };
  return {operation("ternary_activation", shape, forward), operation("binary_activation", shape, binary),
          operation("ternary_activation_backward", shape, backward)};
}

const CaseGroup kTernaryActivation("op/ternary_activation", &ternary_activation_cases);

}  // namespace
}  // namespace tern::bench
