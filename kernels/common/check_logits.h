// Argument checks that classification losses and metrics share.
#pragma once

#include "tern/kernels/common/check.h"

namespace tern::kernels {

/// Throws ShapeError unless `logits` is f32 (N, K) with N >= 1 and K >= 1.
inline void check_logits(const char* op, const char* argument, const Tensor& logits) {
  check_f32(op, argument, logits, 2);
  require<ShapeError>(logits.numel() > 0, "{}: {} is {}, expected at least one sample and one class", op,
                      argument, logits.shape());
}

/// Throws ShapeError unless `labels` is i64 (N,), one per row of `logits` (N, K), and DataError unless each
/// is in [0, K). The values of labels on a GPU are not looked at: the host would have to wait for them.
inline void check_labels(const char* op, const Tensor& labels, const Tensor& logits) {
  require<ShapeError>(labels.defined(), "{}: labels is undefined", op);
  require<ShapeError>(labels.dtype() == DType::i64, "{}: labels is {}, expected i64", op, labels.dtype());
  require<ShapeError>(labels.shape() == Shape{logits.dim(0)}, "{}: labels is {} but logits is {}", op,
                      labels.shape(), logits.shape());
  if (labels.device().type != DeviceType::cpu) return;
  const std::int64_t* label = labels.data<std::int64_t>();
  for (std::int64_t i = 0; i < labels.numel(); ++i) {
    require<DataError>(label[i] >= 0 && label[i] < logits.dim(1),
                       "{}: label {} of sample {} is not in [0, {}), the classes of the logits", op, label[i],
                       i, logits.dim(1));
  }
}

}  // namespace tern::kernels
