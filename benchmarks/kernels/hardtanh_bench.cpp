#include <algorithm>
#include <cmath>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/hardtanh.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> hardtanh_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1, -2, 2)},
                     [](Tensors& in) { return Tensors{kernels::hardtanh(in[0])}; },
                     [](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{generate(
                           in[0].numel(), [=](std::int64_t i) { return std::clamp(x[i], -1.0F, 1.0F); })};
                     }};
  };
  const auto backward = [=] {
    return Operation{{test::random_tensor(shape, 1), test::random_tensor(shape, 2, -1.5F, 1.5F)},
                     [](Tensors& in) { return Tensors{kernels::hardtanh_backward(in[0], in[1])}; },
                     [](const Tensors& in) {
                       const auto *dy = in[0].data<float>(), *y = in[1].data<float>();
                       return std::vector<Values>{generate(
                           in[0].numel(), [=](std::int64_t i) { return std::abs(y[i]) < 1 ? dy[i] : 0; })};
                     }};
  };
  return {operation("hardtanh", shape, forward), operation("hardtanh_backward", shape, backward)};
}

const CaseGroup kHardtanh("op/hardtanh", &hardtanh_cases);

}  // namespace
}  // namespace tern::bench
