#include "tern/layers/functions/ternary_activation.h"

#include "tern/kernels/ternary_activation.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable ternary_activation(const Variable& x) {
  const kernels::TernaryActivationResult result = kernels::ternary_activation(x.value());
  return Tape::record("ternary_activation", result.y, {x}, {{SavedKind::mask, result.mask}},
                      [](const Tensor& dy, const Saved& saved) {
                        return std::vector<Tensor>{kernels::ternary_activation_backward(dy, saved[0])};
                      });
}

}  // namespace tern
