#include "tern/layers/functions/hardtanh.h"

#include "tern/kernels/hardtanh.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable hardtanh(const Variable& x) {
  const Tensor y = kernels::hardtanh(x.value());
  return Tape::record("hardtanh", y, {x}, {{SavedKind::activation, y}}, [](Tensor dy, const Saved& saved) {
    return std::vector<Tensor>{kernels::hardtanh_backward(std::move(dy), saved[0])};
  });
}

}  // namespace tern
