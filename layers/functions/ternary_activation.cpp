#include "layers/functions/ternary_activation.h"

#include "kernels/ternary_activation.h"
#include "layers/autograd/tape.h"

namespace tern {

Variable ternary_activation(const Variable& x) {
  return Tape::record("ternary_activation", kernels::ternary_activation(x.value()), {x},
                      [x = x.value()](const Tensor& dy) {
                        return std::vector<Tensor>{kernels::ternary_activation_backward(dy, x)};
                      });
}

}  // namespace tern
