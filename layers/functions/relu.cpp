#include "tern/layers/functions/relu.h"

#include "tern/kernels/relu.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable relu(const Variable& x) {
  const Tensor y = kernels::relu(x.value());
  return Tape::record("relu", y, {x}, {{SavedKind::activation, y}}, [](Tensor dy, const Saved& saved) {
    return std::vector<Tensor>{kernels::relu_backward(std::move(dy), saved[0])};
  });
}

}  // namespace tern
