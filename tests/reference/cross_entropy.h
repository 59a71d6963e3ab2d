#pragma once

#include "tern/core/tensor.h"

namespace tern::reference {

/// Mean over the rows of -sum_k targets_k * log(softmax(logits)_k), both (N, K), in double.
double cross_entropy(const Tensor& logits, const Tensor& targets);

/// softmax over the last dimension of logits (N, K).
Tensor softmax(const Tensor& logits);

}  // namespace tern::reference
