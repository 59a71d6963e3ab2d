// Cross entropy of softmax(logits) and class labels, as torch.nn.functional.cross_entropy.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

struct SoftmaxCrossEntropyResult {
  Tensor loss;           ///< f32 scalar, the mean over the batch
  Tensor probabilities;  ///< f32 (N, K), softmax(logits)
};

/// loss = mean_n( -sum_k t_nk * log_softmax(logits)_nk ), in nats.
/// The target t is (1 - label_smoothing) at the label plus label_smoothing / K everywhere.
/// logits: f32 (N, K), N, K >= 1. labels: i64 (N,). label_smoothing in [0, 1].
/// A NaN or +infinite logit gives a NaN loss. A label outside [0, K) is a DataError: on the CPU at once,
/// naming sample and value; on a GPU it gives a NaN loss, and finite_check.h says when the error is thrown.
SoftmaxCrossEntropyResult softmax_cross_entropy(const Tensor& logits, const Tensor& labels,
                                                float label_smoothing);

/// dlogits (N, K) = dloss * (probabilities - t) / N, with dloss a f32 tensor of one element.
Tensor softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& probabilities, const Tensor& labels,
                                      float label_smoothing);

namespace cpu {
/// Labels are checked.
void softmax_cross_entropy(const Tensor& logits, const Tensor& labels, float label_smoothing, Tensor& loss,
                           Tensor& probabilities, std::int32_t* bad_label);
void softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& probabilities, const Tensor& labels,
                                    float label_smoothing, Tensor& dlogits);
}  // namespace cpu

namespace cuda {
/// *bad_label becomes 1 if there is one.
void softmax_cross_entropy(const Tensor& logits, const Tensor& labels, float label_smoothing, Tensor& loss,
                           Tensor& probabilities, std::int32_t* bad_label);
void softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& probabilities, const Tensor& labels,
                                    float label_smoothing, Tensor& dlogits);
}  // namespace cuda

}  // namespace tern::kernels
