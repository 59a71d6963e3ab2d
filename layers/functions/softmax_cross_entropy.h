#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// Mean over the batch of the cross entropy of softmax(logits) and the labels, in nats: a scalar.
/// logits (N, K); labels i64 (N,). `label_smoothing` as in PyTorch: that share of the target is spread evenly
/// over all K classes. `class_weights` as in PyTorch, f32 (K,): each class's part of the loss counts so many
/// times, and the mean is divided by the sum of the weights of the labels; undefined: all 1. A NaN logit
/// gives a NaN loss. A label outside [0, K) is a DataError; on a GPU, kernels/finite_check.h says when.
/// dlogits = (sum_k(target) * softmax(logits) - target) / sum_n(weight of label n), the target with the class
/// weights; without these it is (softmax(logits) - target) / N.
Variable softmax_cross_entropy(const Variable& logits, const Tensor& labels, float label_smoothing = 0,
                               const Tensor& class_weights = {});

}  // namespace tern
