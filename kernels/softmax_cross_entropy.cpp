#include "tern/kernels/softmax_cross_entropy.h"

#include "tern/core/format.h"
#include "tern/kernels/common/check_logits.h"
#include "tern/kernels/common/dispatch.h"
#include "tern/kernels/finite_check.h"

namespace tern::kernels {

SoftmaxCrossEntropyResult softmax_cross_entropy(const Tensor& logits, const Tensor& labels,
                                                float label_smoothing) {
  static constexpr Kernel<decltype(cpu::softmax_cross_entropy)> kernel{
      "softmax_cross_entropy", &cpu::softmax_cross_entropy, TERN_CUDA_KERNEL(cuda::softmax_cross_entropy)};
  check_logits("softmax_cross_entropy", "logits", logits);
  check_labels("softmax_cross_entropy", labels, logits);
  require<ShapeError>(label_smoothing >= 0 && label_smoothing <= 1,
                      "softmax_cross_entropy: label_smoothing {} is not in [0, 1]", label_smoothing);
  SoftmaxCrossEntropyResult result{Tensor::empty(Shape{}, DType::f32, logits.device()),
                                   Tensor::empty_like(logits)};
  LabelCheck check(logits.device(),
                   fmt::format("softmax_cross_entropy: a label is not in [0, {}), the classes of the logits",
                               logits.dim(1)));
  kernel(logits.device(), logits, labels, label_smoothing, result.loss, result.probabilities, check.flag());
  check.throw_or_defer();
  return result;
}

Tensor softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& probabilities, const Tensor& labels,
                                      float label_smoothing) {
  static constexpr Kernel<decltype(cpu::softmax_cross_entropy_backward)> kernel{
      "softmax_cross_entropy_backward", &cpu::softmax_cross_entropy_backward,
      TERN_CUDA_KERNEL(cuda::softmax_cross_entropy_backward)};
  check_logits("softmax_cross_entropy_backward", "probabilities", probabilities);
  check_f32("softmax_cross_entropy_backward", "dloss", dloss, 0);
  Tensor dlogits = Tensor::empty_like(probabilities);
  kernel(probabilities.device(), dloss, probabilities, labels, label_smoothing, dlogits);
  return dlogits;
}

}  // namespace tern::kernels
