#include "tern/layers/functions/softmax_cross_entropy.h"

#include "tern/kernels/softmax_cross_entropy.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable softmax_cross_entropy(const Variable& logits, const Tensor& labels, float label_smoothing,
                               const Tensor& class_weights) {
  const kernels::SoftmaxCrossEntropyResult result =
      kernels::softmax_cross_entropy(logits.value(), labels, label_smoothing, class_weights);
  return Tape::record(
      "softmax_cross_entropy", result.loss, {logits},
      {{SavedKind::activation, result.difference}, {SavedKind::activation, result.weight_sum}},
      [](const Tensor& dy, const Saved& saved) {
        return std::vector<Tensor>{kernels::softmax_cross_entropy_backward(dy, saved[0], saved[1])};
      });
}

}  // namespace tern
