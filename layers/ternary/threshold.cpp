#include "tern/layers/ternary/threshold.h"

#include "tern/layers/ternary/single_weight.h"

namespace tern {

TernaryMethod threshold() {
  return [](const Shape& shape, bool bias) {
    return std::make_unique<SingleWeight>("threshold", kernels::WeightMethod::threshold, shape, bias,
                                          LearnedPerFilter{"threshold", kernels::kTwnThreshold});
  };
}

}  // namespace tern
