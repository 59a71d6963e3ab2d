#include "tern/layers/ternary/twn.h"

#include "tern/layers/ternary/single_weight.h"

namespace tern {

TernaryMethod twn() {
  return [](const Shape& shape, bool bias) {
    return std::make_unique<SingleWeight>("twn", kernels::WeightMethod::twn, shape, bias);
  };
}

}  // namespace tern
