// Binary weights of XNOR-Net (Rastegari et al., ECCV 2016), section 3.1: what a ternary network is measured
// against. Per output channel, W of n weights:
//   B = sign(W), sign(0) = +1;  alpha = mean|W|            (6)
// The layer computes with alpha * B. The gradient, as in the authors' code, is the chain rule with a
// straight-through sign; G = dL/d(alpha * B):
//   dL/dW_i = alpha * G_i * [|W_i| <= 1] + sign(W_i)/n * sum_j sign(W_j) G_j
#pragma once

#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

/// Parameters: weight, and bias if asked for.
TernaryMethod binary();

}  // namespace tern
