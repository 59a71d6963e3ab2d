// Preparation of the weights of three binary branches of one scale, and the gradient of the latent weights:
// layers/ternary/three_branches.h has the derivation.
//
// Latent weights w1, w2, w3 (O, KH, KW, I) or (O, I), f32, n = KH * KW * I weights per filter. B_b =
// sign(w_b) with sign(0) = +1, alpha_o = (sum|w1_o| + sum|w2_o| + sum|w3_o|) / (3 n), W = B1 + B2 + B3 in
// {-3, -1, +1, +3}: the layer computes with alpha * W.
#pragma once

#include <array>

#include "tern/kernels/binary_branch_weights.h"

namespace tern::kernels {

/// w1, w2 and w3, or their gradients.
using ThreeBranches = std::array<Tensor, 3>;

/// Clamps the latent weights to [-1, 1] in place, then gives W, as `ternary`, and the scale alpha. A NaN
/// weight makes alpha NaN.
TernaryWeights three_branch_weights(ThreeBranches& w);

/// Gradients of the clamped latent weights for dt = dL/dW = alpha * G with G = dL/d(alpha * B_b), the same of
/// all branches. With s_b = sign(w_b), per filter,
///   official     g_b = G + s_b * mean(s_b * G)
///   exact        g_b = alpha * G * [|w_b| <= 1] + s_b / (3 n) * sum((s_1 + s_2 + s_3) * G)
///   polynomial   g_b = G * max(0, 1 - |w_b| / (2 alpha)) + s_b / (3 n) * sum((s_1 + s_2 + s_3) * G)
/// as kernels/binary_branch_weights.h has them of a pair. A filter with alpha = 0 gets zero gradients.
ThreeBranches three_branch_weights_backward(const Tensor& dt, const ThreeBranches& w, const Tensor& scale,
                                            WeightGradientRule rule);

namespace cpu {
void three_branch_weights(ThreeBranches& w, Tensor& levels, Tensor& scale);
void three_branch_weights_backward(const Tensor& dt, const ThreeBranches& w, const Tensor& scale,
                                   WeightGradientRule rule, ThreeBranches& dw);
}  // namespace cpu

namespace cuda {
void three_branch_weights(ThreeBranches& w, Tensor& levels, Tensor& scale);
void three_branch_weights_backward(const Tensor& dt, const ThreeBranches& w, const Tensor& scale,
                                   WeightGradientRule rule, ThreeBranches& dw);
}  // namespace cuda

}  // namespace tern::kernels
