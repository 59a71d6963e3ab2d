#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/distillation_loss.h"
#include "tests/reference/cross_entropy.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> distillation_loss_cases(Scale scale) {
  const Shape shape = logit_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1), test::random_tensor(shape, 2)},
                     [](Tensors& in) {
                       const auto result = kernels::distillation_loss(in[0], in[1]);
                       return Tensors{result.loss, result.difference};
                     },
                     [=](const Tensors& in) {
                       const Tensor student = reference::softmax(in[0]), teacher = reference::softmax(in[1]);
                       const auto *s = student.data<float>(), *t = teacher.data<float>();
                       return std::vector<Values>{
                           {reference::cross_entropy(in[0], teacher)},
                           generate(shape.numel(), [=](std::int64_t i) { return double{s[i]} - t[i]; })};
                     }};
  };
  const auto backward = [=] {
    return Operation{{Tensor::full({}, 0.5F), test::random_tensor(shape, 1)},
                     [](Tensors& in) { return Tensors{kernels::distillation_loss_backward(in[0], in[1])}; },
                     [=](const Tensors& in) {
                       const auto* difference = in[1].data<float>();
                       return std::vector<Values>{generate(shape.numel(), [=](std::int64_t i) {
                         return 0.5 * difference[i] / static_cast<double>(shape[0]);
                       })};
                     }};
  };
  return {operation("distillation_loss", shape, forward),
          operation("distillation_loss_backward", shape, backward)};
}

const CaseGroup kDistillationLoss("op/distillation_loss", &distillation_loss_cases);

}  // namespace
}  // namespace tern::bench
