#include "tern/training/loss.h"

#include <utility>

#include "tern/layers/functions/distillation_loss.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tern/layers/functions/weighted_sum.h"

namespace tern {
namespace {

Tensor logits_of(Module& teacher, const Tensor& images) {
  const NoGrad no_grad;
  return teacher.forward(Variable(images)).value();
}

}  // namespace

Loss cross_entropy_loss(float label_smoothing) {
  return [label_smoothing](const Variable& logits, const Batch& batch) {
    const Variable loss = softmax_cross_entropy(logits, batch.labels, label_smoothing);
    if (!batch.partner_labels.defined()) return loss;
    const Variable partner_loss = softmax_cross_entropy(logits, batch.partner_labels, label_smoothing);
    return weighted_sum(batch.label_share, loss, 1 - batch.label_share, partner_loss);
  };
}

Loss teacher_loss(Module& teacher, float temperature) {
  return [&teacher, temperature](const Variable& logits, const Batch& batch) {
    return distillation_loss(logits, logits_of(teacher, batch.images), temperature);
  };
}

Loss mixed_loss(float weight, Loss first, Loss second) {
  return [weight, first = std::move(first), second = std::move(second)](const Variable& logits,
                                                                        const Batch& batch) {
    return weighted_sum(weight, first(logits, batch), 1 - weight, second(logits, batch));
  };
}

}  // namespace tern
