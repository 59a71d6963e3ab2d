#include "tern/layers/functions/prelu.h"

#include "tern/kernels/prelu.h"
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

}  // namespace tern
