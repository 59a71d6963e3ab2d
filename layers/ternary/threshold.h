// Ternary weights whose threshold is learned. It is STTN (layers/ternary/sttn.h) with the pair W1 = W -
// Delta, W2 = W + Delta: one latent weight, and a threshold that all weights of a filter share and that the
// gradient moves. Per output channel, W of n weights:
//   Delta = delta mean|W|, delta in [0, 2]: the threshold of TWN (Li & Liu 2016), equation 6, delta for 0.7
//   T_i = (sign(W_i - Delta) + sign(W_i + Delta)) / 2 = sign(W_i) [|W_i| > Delta]
//   alpha = mean of the |W_i| above Delta; 0 if there are none                             TWN, equation 5
// The layer computes with alpha * T. With G = dL/d(alpha * T), W gets it straight through, dL/dW = G, as in
// TWN. delta gets the chain rule with the polynomial of Bi-Real Net (Liu et al., ECCV 2018, equation 7) for
// both signs, whose derivative in units of alpha is 2 h(x), h(x) = max(0, 1 - |x|):
//   dL/ddelta = mean|W| / sqrt(n) * sum_i G_i (h((W_i + Delta) / alpha) - h((W_i - Delta) / alpha))
// So the weights near the two thresholds say where these should be. 1/sqrt(n) is LSQ's (Esser et al., ICLR
// 2020, section 2.2). alpha gets no gradient of its own: behind a batch norm, sum_i T_i G_i is 0.
#pragma once

#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

/// Parameters: weight, bias if asked for, threshold (O): delta, 0.7 at first; a value that leaves [0, 2] is
/// brought back by the next forward pass.
TernaryMethod threshold();

}  // namespace tern
