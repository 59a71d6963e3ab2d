#include "tern/training/loss.h"

#include <utility>

#include "tern/core/error.h"
#include "tern/core/quote.h"
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

Loss cross_entropy_loss(float label_smoothing, Tensor class_weights) {
  return [label_smoothing, weights = std::move(class_weights)](const Variable& logits, const Batch& batch) {
    const Variable loss = softmax_cross_entropy(logits, batch.labels, label_smoothing, weights);
    if (!batch.partner_labels.defined()) return loss;
    const Variable partner_loss =
        softmax_cross_entropy(logits, batch.partner_labels, label_smoothing, weights);
    return weighted_sum(batch.label_share, loss, 1 - batch.label_share, partner_loss);
  };
}

std::vector<float> balanced_class_weights(const Dataset& dataset) {
  const std::vector<std::vector<std::int64_t>> classes = samples_by_class(dataset);
  std::vector<float> weights;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    require<DataError>(!classes[k].empty(),
                       "class {} has no training images, so that balanced class weights are not defined",
                       quote(dataset.class_names()[k]));
    weights.push_back(static_cast<float>(static_cast<double>(dataset.size()) /
                                         static_cast<double>(classes.size() * classes[k].size())));
  }
  return weights;
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
