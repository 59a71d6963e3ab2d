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

std::vector<Case> cases(Scale scale) {
  const Shape shape = logit_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1), labels(shape[0], shape[1])},
                     [](Tensors& in) {
                       const auto result = kernels::softmax_cross_entropy(in[0], in[1], kSmoothing);
                       return Tensors{result.loss, result.probabilities};
                     },
                     [=](const Tensors& in) {
                       return std::vector<Values>{{reference::cross_entropy(in[0], targets(in[1], shape[1]))},
                                                  test::as_doubles(reference::softmax(in[0]))};
                     }};
  };
  const auto backward = [=] {
    return Operation{
        {Tensor::full({}, 0.5F), reference::softmax(test::random_tensor(shape, 1)),
         labels(shape[0], shape[1])},
        [](Tensors& in) {
          return Tensors{kernels::softmax_cross_entropy_backward(in[0], in[1], in[2], kSmoothing)};
        },
        [=](const Tensors& in) {
          const Tensor t = targets(in[2], shape[1]);
          const auto *p = in[1].data<float>(), *pt = t.data<float>();
          return std::vector<Values>{generate(shape.numel(), [=](std::int64_t i) {
            return 0.5 * (double{p[i]} - pt[i]) / static_cast<double>(shape[0]);
          })};
        }};
  };
  return {operation("softmax_cross_entropy", shape, forward),
          operation("softmax_cross_entropy_backward", shape, backward)};
}

const CaseGroup kGroup("op/softmax_cross_entropy", &cases);

}  // namespace
}  // namespace tern::bench
