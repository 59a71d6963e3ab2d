// Preparation of the weights of a pair of binary branches, and the gradient of the latent weights.
//
// STTN (Xu et al., IJCAI 2020), section 3; official code: BinConv2d. Latent weights w1, w2 (O, KH, KW, I) or
// (O, I), f32, n = KH * KW * I weights per filter. B_b = sign(w_b) with sign(0) = +1 (the official code's
// sign(0) = 0 could leave a merged weight that is not ternary), alpha_o = (sum|w1_o| + sum|w2_o|) / (2 n), T
// = (B1 + B2) / 2.
#pragma once

#include "tern/kernels/ternary_weights.h"

namespace tern::kernels {

/// Clamps w1 and w2 to [-1, 1] in place, then gives T and the scale 2 * alpha. A NaN weight makes alpha NaN.
TernaryWeights binary_branch_weights(Tensor& w1, Tensor& w2);

/// How the gradient passes the sign function and alpha. With G = dL/d(alpha * B1) = dL/d(alpha * B2) and
/// s_b = sign(w_b), per filter:
enum class WeightGradientRule {
  /// g_b = G + s_b * mean(s_b * G): what the official code computes.
  official,
  /// g_b = alpha * G * [|w_b| <= 1] + s_b / (2 n) * sum((s_1 + s_2) * G): the chain rule with a
  /// straight-through sign.
  exact,
  /// g_b = G * max(0, 1 - |w_b| / (2 alpha)) + s_b / (2 n) * sum((s_1 + s_2) * G): the chain rule with the
  /// piecewise polynomial of Bi-Real Net (Liu et al., ECCV 2018, equation 7), whose derivative is
  /// 2 - 2|x| within |x| < 1, for sign(x) at x = w_b / (2 alpha). The branch that is nearer to its change
  /// of sign moves faster, so that the difference of both, the threshold, learns too.
  polynomial,
};

struct BranchGradients {
  Tensor dw1;
  Tensor dw2;
};

/// Gradients of the clamped latent weights for dt = dL/dT = 2 * alpha * G. A filter with alpha = 0 (all its
/// weights zero) gets zero gradients, because G cannot be told from dt then.
BranchGradients binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2,
                                               const Tensor& scale, WeightGradientRule rule);

/// One of these two, of w1 (branch 0) or w2 (branch 1).
Tensor binary_branch_gradient(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                              WeightGradientRule rule, int branch);

namespace cpu {
void binary_branch_weights(Tensor& w1, Tensor& w2, Tensor& ternary, Tensor& scale);
void binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                                    WeightGradientRule rule, Tensor& dw1, Tensor& dw2);
void binary_branch_gradient(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                            WeightGradientRule rule, int branch, Tensor& dw);
}  // namespace cpu

namespace cuda {
void binary_branch_weights(Tensor& w1, Tensor& w2, Tensor& ternary, Tensor& scale);
void binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                                    WeightGradientRule rule, Tensor& dw1, Tensor& dw2);
void binary_branch_gradient(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                            WeightGradientRule rule, int branch, Tensor& dw);
}  // namespace cuda

}  // namespace tern::kernels
