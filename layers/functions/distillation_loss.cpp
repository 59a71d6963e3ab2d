#include "tern/layers/functions/distillation_loss.h"

#include "tern/core/error.h"
#include "tern/kernels/distillation_loss.h"
#include "tern/kernels/weighted_sum.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/weighted_sum.h"

namespace tern {

namespace {

Variable loss_of_probabilities(const Variable& student, const Tensor& teacher) {
  const kernels::DistillationLossResult result = kernels::distillation_loss(student.value(), teacher);
  return Tape::record("distillation_loss", result.loss, {student},
                      {{SavedKind::activation, result.difference}}, [](const Tensor& dy, const Saved& saved) {
                        return std::vector<Tensor>{kernels::distillation_loss_backward(dy, saved[0])};
                      });
}

}  // namespace

Variable distillation_loss(const Variable& student, const Tensor& teacher, float temperature) {
  require<ShapeError>(temperature > 0, "distillation_loss: the temperature is {}, expected more than 0",
                      temperature);
  if (temperature == 1) return loss_of_probabilities(student, teacher);
  const float factor = 1 / temperature;
  return scale(loss_of_probabilities(scale(student, factor), kernels::weighted_sum(factor, teacher)),
               temperature * temperature);
}

}  // namespace tern
