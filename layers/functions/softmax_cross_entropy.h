#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// Mean over the batch of the cross entropy of softmax(logits) and the labels, in nats: a scalar.
/// logits (N, K); labels i64 (N,). `label_smoothing` as in PyTorch: that share of the target is spread evenly
/// over all K classes. A NaN logit gives a NaN loss. A label outside [0, K) is a DataError; on a GPU,
/// kernels/finite_check.h says when.
/// dlogits = (softmax(logits) - target) / N.
Variable softmax_cross_entropy(const Variable& logits, const Tensor& labels, float label_smoothing = 0);

}  // namespace tern
