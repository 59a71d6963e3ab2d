// Cross entropy of softmax(logits) and class labels, as torch.nn.functional.cross_entropy.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

struct SoftmaxCrossEntropyResult {
  Tensor loss;        ///< f32 scalar, the mean over the batch
  Tensor difference;  ///< f32 (N, K), sum_k(t_nk) * softmax(logits) - t: the gradient is this times dloss /
                      ///< weight_sum
  Tensor weight_sum;  ///< f32 scalar, of the weights of all labels; undefined, for N, without class_weights
};

/// loss = sum_n( -sum_k t_nk * log_softmax(logits)_nk ) / sum_n(w of label n), in nats: the weighted mean of
/// torch.nn.CrossEntropyLoss(weight, reduction="mean", label_smoothing).
/// The target t_nk is w_k times: (1 - label_smoothing) at the label plus label_smoothing / K everywhere.
/// logits: f32 (N, K), N, K >= 1. labels: i64 (N,). label_smoothing in [0, 1]. class_weights: f32 (K,), w;
/// undefined stands for ones. A NaN or +infinite logit gives a NaN loss. A label outside [0, K) is a
/// DataError: on the CPU at once, naming sample and value; on a GPU it gives a NaN loss, and finite_check.h
/// says when the error is thrown.
SoftmaxCrossEntropyResult softmax_cross_entropy(const Tensor& logits, const Tensor& labels,
                                                float label_smoothing, const Tensor& class_weights = {});

/// dlogits (N, K) = dloss / weight_sum * difference, with dloss a f32 scalar; an undefined weight_sum stands
/// for N.
Tensor softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& difference,
                                      const Tensor& weight_sum);

namespace cpu {
/// Labels are checked.
void softmax_cross_entropy(const Tensor& logits, const Tensor& labels, float label_smoothing,
                           const Tensor& class_weights, SoftmaxCrossEntropyResult& result,
                           std::int32_t* bad_label);
void softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& difference, const Tensor& weight_sum,
                                    Tensor& dlogits);
}  // namespace cpu

namespace cuda {
/// *bad_label becomes 1 if there is one.
void softmax_cross_entropy(const Tensor& logits, const Tensor& labels, float label_smoothing,
                           const Tensor& class_weights, SoftmaxCrossEntropyResult& result,
                           std::int32_t* bad_label);
void softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& difference, const Tensor& weight_sum,
                                    Tensor& dlogits);
}  // namespace cuda

}  // namespace tern::kernels
