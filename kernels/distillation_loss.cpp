#include "tern/kernels/distillation_loss.h"

#include "tern/kernels/common/check_logits.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

DistillationLossResult distillation_loss(const Tensor& student, const Tensor& teacher) {
  static constexpr Kernel<decltype(cpu::distillation_loss)> kernel{
      "distillation_loss", &cpu::distillation_loss, TERN_CUDA_KERNEL(cuda::distillation_loss)};
  check_logits("distillation_loss", "student", student);
  check_same("distillation_loss", "student", student, "teacher", teacher);
  DistillationLossResult result{Tensor::empty(Shape{}, DType::f32, student.device()),
                                Tensor::empty_like(student)};
  kernel(student.device(), student, teacher, result.loss, result.difference);
  return result;
}

Tensor distillation_loss_backward(const Tensor& dloss, const Tensor& difference) {
  static constexpr Kernel<decltype(cpu::distillation_loss_backward)> kernel{
      "distillation_loss_backward", &cpu::distillation_loss_backward,
      TERN_CUDA_KERNEL(cuda::distillation_loss_backward)};
  check_logits("distillation_loss_backward", "difference", difference);
  check_f32("distillation_loss_backward", "dloss", dloss, 0);
  Tensor dstudent = Tensor::empty_like(difference);
  kernel(difference.device(), dloss, difference, dstudent);
  return dstudent;
}

}  // namespace tern::kernels
