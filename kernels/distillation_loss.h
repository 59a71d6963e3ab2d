// Knowledge distillation: the student learns the teacher's class probabilities (Hinton et al., 2015), in the
// form of the official STTN training code: temperature 1, no label term.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

struct DistillationLossResult {
  Tensor loss;  ///< f32 scalar
  Tensor
      difference;  ///< f32 (N, K), softmax(student) - softmax(teacher): the gradient is this times dloss / N
};

/// loss = mean_n( -sum_k softmax(teacher)_nk * log_softmax(student)_nk ), in nats.
/// student, teacher: f32 logits (N, K), N, K >= 1. A NaN logit of either gives a NaN loss.
DistillationLossResult distillation_loss(const Tensor& student, const Tensor& teacher);

/// dstudent (N, K) = dloss * difference / N, with dloss a f32 scalar. The teacher gets no gradient.
Tensor distillation_loss_backward(const Tensor& dloss, const Tensor& difference);

namespace cpu {
void distillation_loss(const Tensor& student, const Tensor& teacher, Tensor& loss, Tensor& difference);
void distillation_loss_backward(const Tensor& dloss, const Tensor& difference, Tensor& dstudent);
}  // namespace cpu

namespace cuda {
void distillation_loss(const Tensor& student, const Tensor& teacher, Tensor& loss, Tensor& difference);
void distillation_loss_backward(const Tensor& dloss, const Tensor& difference, Tensor& dstudent);
}  // namespace cuda

}  // namespace tern::kernels
