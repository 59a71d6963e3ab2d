#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/sum_rows.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> sum_rows_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  return {operation("sum_rows", shape, [=] {
    return Operation{{test::random_tensor(shape, 1)},
                     [](Tensors& in) { return Tensors{kernels::sum_rows(in[0])}; },
                     [=](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{
                           sum_rows(in[0].numel(), shape[-1], [=](std::int64_t i) { return x[i]; })};
                     }};
  })};
}

const CaseGroup kSumRows("op/sum_rows", &sum_rows_cases);

}  // namespace
}  // namespace tern::bench
