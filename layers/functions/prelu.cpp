#include "tern/layers/functions/prelu.h"

#include "tern/kernels/prelu.h"
#include "tern/kernels/sum_rows.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable prelu(const Variable& x, const Variable& slope) {
  Tensor y = kernels::prelu(x.value(), slope.value());
  return Tape::record("prelu", std::move(y), {x, slope}, {{SavedKind::activation, x.value()}},
                      [slope = slope.value()](Tensor dy, const Saved& saved) {
                        const kernels::PreluGradients gradients =
                            kernels::prelu_backward(std::move(dy), saved[0], slope);
                        return std::vector<Tensor>{gradients.dx, gradients.dslope};
                      });
}

Variable rprelu(const Variable& x, const Variable& slope, const Variable& shift, const Variable& bias) {
  Tensor y = kernels::prelu(x.value(), slope.value(), {shift.value(), bias.value()});
  return Tape::record("rprelu", std::move(y), {x, slope, shift, bias}, {{SavedKind::activation, x.value()}},
                      [slope = slope.value(), shift = shift.value()](Tensor dy, const Saved& saved) {
                        Tensor dbias = kernels::sum_rows(dy);
                        const kernels::PreluGradients gradients =
                            kernels::prelu_backward(std::move(dy), saved[0], slope, shift);
                        return std::vector<Tensor>{gradients.dx, gradients.dslope,
                                                   kernels::sum_rows(gradients.dx), std::move(dbias)};
                      });
}

}  // namespace tern
