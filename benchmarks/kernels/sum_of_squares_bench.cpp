#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/sum_of_squares.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> sum_of_squares_cases(Scale scale) {
  const Shape shape = weight_shape(scale);
  return {operation("sum_of_squares", shape, [=] {
    return Operation{{test::random_tensor(shape, 1)},
                     [](Tensors& in) {
                       Tensor sums = Tensor::empty({1}, DType::i64, in[0].device());
                       kernels::sum_of_squares(in[0], sums, 0);
                       return Tensors{Tensor::full({1}, static_cast<float>(kernels::read_sums(sums).at(0)))};
                     },
                     [](const Tensors& in) {
                       const auto* x = in[0].data<float>();
                       return std::vector<Values>{
                           sum_rows(in[0].numel(), 1, [=](std::int64_t i) { return double{x[i]} * x[i]; })};
                     }};
  })};
}

const CaseGroup kSumOfSquares("op/sum_of_squares", &sum_of_squares_cases);

}  // namespace
}  // namespace tern::bench
