#include "layers/functions/distillation_loss.h"

#include "kernels/distillation_loss.h"
#include "layers/autograd/tape.h"

namespace tern {

Variable distillation_loss(const Variable& student, const Tensor& teacher) {
  const kernels::DistillationLossResult result = kernels::distillation_loss(student.value(), teacher);
  return Tape::record("distillation_loss", result.loss, {student},
                      [difference = result.difference](const Tensor& dy) {
                        return std::vector<Tensor>{kernels::distillation_loss_backward(dy, difference)};
                      });
}

}  // namespace tern
