#include "layers/functions/binary_branch_weights.h"

#include "layers/autograd/tape.h"

namespace tern {

BinaryBranchWeights binary_branch_weights(Variable w1, Variable w2, WeightGradientRule rule) {
  auto weights = kernels::binary_branch_weights(w1.mutable_value(), w2.mutable_value());
  Variable ternary = Tape::record(
      "binary_branch_weights", std::move(weights.ternary), {w1, w2}, {},
      [w1 = w1.value(), w2 = w2.value(), scale = weights.scale, rule](const Tensor& dt, const Saved&) {
        auto gradients = kernels::binary_branch_weights_backward(dt, w1, w2, scale, rule);
        return std::vector<Tensor>{std::move(gradients.dw1), std::move(gradients.dw2)};
      });
  return {std::move(ternary), std::move(weights.scale)};
}

}  // namespace tern
