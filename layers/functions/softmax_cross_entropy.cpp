#include "tern/layers/functions/softmax_cross_entropy.h"

#include "tern/kernels/softmax_cross_entropy.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable softmax_cross_entropy(const Variable& logits, const Tensor& labels, float label_smoothing) {
  const kernels::SoftmaxCrossEntropyResult result =
      kernels::softmax_cross_entropy(logits.value(), labels, label_smoothing);
  return Tape::record("softmax_cross_entropy", result.loss, {logits},
                      {{SavedKind::activation, result.probabilities}, {SavedKind::index, labels}},
                      [label_smoothing](const Tensor& dy, const Saved& saved) {
                        return std::vector<Tensor>{
                            kernels::softmax_cross_entropy_backward(dy, saved[0], saved[1], label_smoothing)};
                      });
}

}  // namespace tern
