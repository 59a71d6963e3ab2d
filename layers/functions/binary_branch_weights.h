#pragma once

#include "tern/kernels/binary_branch_weights.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

using kernels::WeightGradientRule;

/// The ternary weights of a pair of binary branches. `ternary` = T is differentiable; `scale` = 2 * alpha is
/// a constant of the graph, because both gradient rules account for alpha in the gradient of the latents.
struct BinaryBranchWeights {
  Variable ternary;
  Tensor scale;
};

/// Clamps the latent weights w1, w2 (O, KH, KW, I) to [-1, 1] in place (they are the optimiser's parameters)
/// and prepares T and 2 * alpha; see kernels/binary_branch_weights.h for the formulas and the gradient rules.
/// Both are leaves, whose gradients are deferred
/// (layers/autograd/deferred_gradient.h).
BinaryBranchWeights binary_branch_weights(Variable w1, Variable w2, WeightGradientRule rule);

}  // namespace tern
