#include <algorithm>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/count_correct.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> count_correct_cases(Scale scale) {
  const Shape shape = logit_shape(scale);
  constexpr std::int64_t kTop = 5;
  return {operation("count_correct", shape, [=] {
    return Operation{
        {test::random_tensor(shape, 1), labels(shape[0], shape[1])},
        [](Tensors& in) {
          return Tensors{Tensor::from<std::int64_t>({1}, {kernels::count_correct(in[0], in[1], kTop)})};
        },
        [=](const Tensors& in) {
          const auto* logits = in[0].data<float>();
          const auto* label = in[1].data<std::int64_t>();
          return std::vector<Values>{sum_rows(shape[0], 1, [=](std::int64_t n) {
            const auto* row = logits + n * shape[1];
            const auto before =
                std::count_if(row, row + shape[1], [=](float logit) { return logit > row[label[n]]; });
            return before < kTop ? 1 : 0;
          })};
        }};
  })};
}

const CaseGroup kCountCorrect("op/count_correct", &count_correct_cases);

}  // namespace
}  // namespace tern::bench
