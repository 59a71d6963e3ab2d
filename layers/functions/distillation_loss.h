#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// Mean over the batch of -sum_k softmax(teacher)_k * log_softmax(student)_k: a scalar. Both are logits (N,
/// K). This is the loss of the official STTN code: no temperature and no label term. dstudent =
/// (softmax(student) - softmax(teacher)) / N; the teacher is a constant.
Variable distillation_loss(const Variable& student, const Tensor& teacher);

}  // namespace tern
