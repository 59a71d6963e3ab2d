#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/weighted_sum.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

constexpr float kA = 0.75F, kB = -0.5F;

Values sums(const Tensors& in) {
  const auto *x = in[0].data<float>(), *y = in[1].data<float>();
  return generate(in[0].numel(), [=](std::int64_t i) { return double{kA} * x[i] + double{kB} * y[i]; });
}

std::vector<Case> weighted_sum_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  return {operation("weighted_sum", shape, [shape] {
    return Operation{{test::random_tensor(shape, 1), test::random_tensor(shape, 2)},
                     [](Tensors& in) { return Tensors{kernels::weighted_sum(kA, in[0], kB, in[1])}; },
                     [](const Tensors& in) { return std::vector<Values>{sums(in)}; }};
  })};
}

const CaseGroup kWeightedSum("op/weighted_sum", &weighted_sum_cases);

}  // namespace
}  // namespace tern::bench
