#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/softmax_cross_entropy.h"
#include "tests/reference/cross_entropy.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

constexpr float kSmoothing = 0.1F;

Tensor targets(const Tensor& labels, std::int64_t classes) {
  Tensor t = Tensor::full({labels.numel(), classes}, kSmoothing / static_cast<float>(classes));
  for (std::int64_t n = 0; n < labels.numel(); ++n) {
    t.data<float>()[n * classes + labels.data<std::int64_t>()[n]] += 1 - kSmoothing;
  }
  return t;
}

Values difference(const Tensor& a, const Tensor& b) {
  const auto *pa = a.data<float>(), *pb = b.data<float>();
  return generate(a.numel(), [=](std::int64_t i) { return double{pa[i]} - pb[i]; });
}

std::vector<Case> softmax_cross_entropy_cases(Scale scale) {
  const Shape shape = logit_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1), labels(shape[0], shape[1])},
                     [](Tensors& in) {
                       const auto result = kernels::softmax_cross_entropy(in[0], in[1], kSmoothing);
                       return Tensors{result.loss, result.difference};
                     },
                     [=](const Tensors& in) {
                       const Tensor t = targets(in[1], shape[1]);
                       return std::vector<Values>{{reference::cross_entropy(in[0], t)},
                                                  difference(reference::softmax(in[0]), t)};
                     }};
  };
  const auto backward = [=] {
    return Operation{
        {Tensor::full({}, 0.5F), test::random_tensor(shape, 1)},
        [](Tensors& in) { return Tensors{kernels::softmax_cross_entropy_backward(in[0], in[1], {})}; },
        [=](const Tensors& in) {
          const auto* pd = in[1].data<float>();
          return std::vector<Values>{generate(
              shape.numel(), [=](std::int64_t i) { return 0.5 * pd[i] / static_cast<double>(shape[0]); })};
        }};
  };
  return {operation("softmax_cross_entropy", shape, forward),
          operation("softmax_cross_entropy_backward", shape, backward)};
}

const CaseGroup kSoftmaxCrossEntropy("op/softmax_cross_entropy", &softmax_cross_entropy_cases);

}  // namespace
}  // namespace tern::bench
