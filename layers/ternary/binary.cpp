#include "tern/layers/ternary/binary.h"

#include "tern/layers/ternary/single_weight.h"

namespace tern {

TernaryMethod binary() {
  return [](const Shape& shape, bool bias) {
    return std::make_unique<SingleWeight>("binary", kernels::WeightMethod::binary, shape, bias);
  };
}

}  // namespace tern
