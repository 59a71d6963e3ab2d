#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// T^2 times the mean over the batch of -sum_k softmax(teacher / T)_k * log_softmax(student / T)_k: a scalar.
/// Both are logits (N, K), T > 0 is the temperature; its square keeps the gradients as large as those of
/// labels beside them (Hinton et al. 2015, section 2). Temperature 1 is the loss of the official STTN code.
/// dstudent = T * (softmax(student / T) - softmax(teacher / T)) / N; the teacher is a constant.
Variable distillation_loss(const Variable& student, const Tensor& teacher, float temperature = 1);

}  // namespace tern
