#include "tern/layers/functions/binary_branch_weights.h"

#include "tern/layers/autograd/branch_gradient.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

BinaryBranchWeights binary_branch_weights(Variable w1, Variable w2, WeightGradientRule rule) {
  auto weights = kernels::binary_branch_weights(w1.mutable_value(), w2.mutable_value());
  Variable ternary =
      Tape::record("binary_branch_weights", std::move(weights.ternary), {w1, w2}, {},
                   [w1, w2, scale = weights.scale, rule](Tensor dt, const Saved&) {
                     const kernels::BranchPair pair{w1.value(), w2.value(), std::move(dt), scale};
                     Tape::defer(std::make_shared<BranchGradient>(pair, rule), w1, w2);
                     return std::vector<Tensor>(2);
                   });
  return {std::move(ternary), std::move(weights.scale)};
}

}  // namespace tern
