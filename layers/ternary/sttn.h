// Soft Threshold Ternary Networks (Xu et al., IJCAI 2020; official code: BinConv2d), section 3: two parallel
// binary branches that share alpha, trained by one convolution. Per output channel o with n weights,
//   alpha_o = (sum|W1_o| + sum|W2_o|) / (2 n),  B_b = sign(W_b),  T = (B1 + B2) / 2,
//   alpha * conv(x, B1) + alpha * conv(x, B2) = 2 * alpha * conv(x, T).
#pragma once

#include <string>
#include <vector>

#include "tern/kernels/binary_branch_weights.h"
#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

using kernels::WeightGradientRule;

/// "official", "exact" and "polynomial", as configurations call them.
const std::vector<std::string>& weight_gradient_rule_names();
/// Throws ConfigError for another name.
WeightGradientRule weight_gradient_rule(const std::string& name);

/// T, and 2 * alpha as a constant of the graph, because both gradient rules account for alpha in the gradient
/// of the latents. Clamps the latent weights w1, w2 (O, ...) to [-1, 1] in place (they are the optimiser's
/// parameters); see kernels/binary_branch_weights.h for the formulas and the gradient rules. Both are leaves,
/// whose gradients are deferred (layers/autograd/deferred_gradient.h).
TernaryVariables binary_branch_weights(Variable w1, Variable w2, WeightGradientRule rule);

/// The branches are the children "1" and "2", joined to the layer's own name by "_" as in the official
/// network: conv1_1.weight, conv1_2.weight; with a bias, conv1_1.bias and conv1_2.bias, which add up.
///
/// Floats W become W1 = c (W + Delta), W2 = c (W - Delta) with Delta = 0.7 mean|W| of each filter, the
/// threshold of TWN (twn.h): T is zero where |W| < Delta, and has W's sign elsewhere. c makes 2 * alpha the
/// scale of TWN, the mean of the |W| above Delta, so that norms behind the layer keep their meaning. The
/// floats of a pair are (W1 + W2) / 2.
TernaryMethod sttn(WeightGradientRule rule = WeightGradientRule::official);

}  // namespace tern
