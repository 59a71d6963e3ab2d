#include "tern/layers/ternary/lsq.h"

#include "tern/layers/ternary/single_weight.h"

namespace tern {

TernaryMethod lsq() {
  return [](const Shape& shape, bool bias) {
    return std::make_unique<SingleWeight>("lsq", kernels::WeightMethod::lsq, shape, bias,
                                          LearnedPerFilter{"step"});
  };
}

}  // namespace tern
