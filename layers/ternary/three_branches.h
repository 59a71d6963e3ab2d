// STTN with three branches: weights of four levels, 2 bits. This is a derivation from STTN (sttn.h) and from
// the idea of "Improving Extreme Low-bit Quantization with Soft Threshold" (Xu et al., TCSVT 2022), more bits
// by more branches; it is not that paper's text, and its equations may be others.
//
// n parallel binary branches that share alpha compute sum_b alpha * conv(x, B_b) = alpha * conv(x, W) with
// B_b = sign(W_b), W = sum_b B_b. W has the n + 1 levels -n, -n + 2, ..., n, which are equidistant, at steps
// of 2 alpha. With the one alpha that is least squares for all branches at once, per output channel o of k
// weights
//   alpha_o = argmin_a sum_b |W_b - a * B_b|^2 = sum_b sum|W_b| / (n k),
// the mean of all |W_b|, so that alpha * W is n times the mean of the branches alpha * B_b. For two branches
// W = 2 T: that is STTN. Here n = 3: W in {-3, -1, +1, +3}, and the layer's scale is alpha.
//
// The gradient is STTN's, with a branch more. With G = dL/d(alpha * B_b), the same of all branches since they
// see the same x, dL/dW = alpha * G, and dL/dW_b by the rules of kernels/three_branch_weights.h.
#pragma once

#include "tern/layers/ternary/sttn.h"

namespace tern {

/// The branches are the children "1", "2" and "3", joined to the layer's own name by "_": conv1_1.weight,
/// conv1_2.weight, conv1_3.weight; with a bias, conv1_1.bias and so on, which add up.
///
/// Floats V become W1 = c (V + Delta), W2 = c V, W3 = c (V - Delta) with Delta = 1.25 mean|V| of each filter:
/// then W is 3 sign(V) where |V| > Delta, and sign(V) elsewhere. 1.25 mean|V| is where the best four
/// equidistant levels of normal numbers meet (Max 1960: 0.9957 deviations). c makes alpha the least-squares
/// scale of V, sum|V_i W_i| / sum W_i^2, so that norms behind the layer keep their meaning. The floats of
/// three branches are their mean.
TernaryMethod three_branch_sttn(WeightGradientRule rule = WeightGradientRule::official);

}  // namespace tern
