#include "tern/kernels/softmax_cross_entropy.h"

#include "tern/core/format.h"
#include "tern/kernels/common/check_logits.h"
#include "tern/kernels/common/dispatch.h"
#include "tern/kernels/finite_check.h"

namespace tern::kernels {

SoftmaxCrossEntropyResult softmax_cross_entropy(const Tensor& logits, const Tensor& labels,
                                                float label_smoothing, const Tensor& class_weights) {
  static constexpr Kernel<decltype(cpu::softmax_cross_entropy)> kernel{
      "softmax_cross_entropy", &cpu::softmax_cross_entropy, TERN_CUDA_KERNEL(cuda::softmax_cross_entropy)};
  check_logits("softmax_cross_entropy", "logits", logits);
  check_labels("softmax_cross_entropy", labels, logits);
  require<ShapeError>(label_smoothing >= 0 && label_smoothing <= 1,
                      "softmax_cross_entropy: label_smoothing {} is not in [0, 1]", label_smoothing);
  if (class_weights.defined()) {
    check_f32("softmax_cross_entropy", "class_weights", class_weights, 1);
    require<ShapeError>(class_weights.dim(0) == logits.dim(1),
                        "softmax_cross_entropy: class_weights is {} but logits is {}", class_weights.shape(),
                        logits.shape());
  }
  const auto scalar = [&] { return Tensor::empty(Shape{}, DType::f32, logits.device()); };
  SoftmaxCrossEntropyResult result{scalar(), Tensor::empty_like(logits),
                                   class_weights.defined() ? scalar() : Tensor()};
  LabelCheck check(logits.device(),
                   fmt::format("softmax_cross_entropy: a label is not in [0, {}), the classes of the logits",
                               logits.dim(1)));
  kernel(logits.device(), logits, labels, label_smoothing, class_weights, result, check.flag());
  check.throw_or_defer();
  return result;
}

Tensor softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& difference,
                                      const Tensor& weight_sum) {
  static constexpr Kernel<decltype(cpu::softmax_cross_entropy_backward)> kernel{
      "softmax_cross_entropy_backward", &cpu::softmax_cross_entropy_backward,
      TERN_CUDA_KERNEL(cuda::softmax_cross_entropy_backward)};
  check_logits("softmax_cross_entropy_backward", "difference", difference);
  check_f32("softmax_cross_entropy_backward", "dloss", dloss, 0);
  if (weight_sum.defined()) check_f32("softmax_cross_entropy_backward", "weight_sum", weight_sum, 0);
  Tensor dlogits = Tensor::empty_like(difference);
  kernel(difference.device(), dloss, difference, weight_sum, dlogits);
  return dlogits;
}

}  // namespace tern::kernels
