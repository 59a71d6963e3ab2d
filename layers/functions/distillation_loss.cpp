#include "tern/layers/functions/distillation_loss.h"

#include "tern/kernels/distillation_loss.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable distillation_loss(const Variable& student, const Tensor& teacher) {
  const kernels::DistillationLossResult result = kernels::distillation_loss(student.value(), teacher);
  return Tape::record("distillation_loss", result.loss, {student},
                      {{SavedKind::activation, result.difference}}, [](const Tensor& dy, const Saved& saved) {
                        return std::vector<Tensor>{kernels::distillation_loss_backward(dy, saved[0])};
                      });
}

}  // namespace tern
