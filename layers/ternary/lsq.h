// Learned Step Size Quantization (Esser et al., ICLR 2020), section 2, with three levels: Q_N = Q_P = 1. The
// paper has one step s for each layer, here each output channel has one, W being its n weights:
//   T = round(clip(W / s, -1, 1))                          (1); |W / s| = 1/2 goes to 0
//   What = s * T                                           (2)
//   dWhat_i/ds = T_i - W_i/s  where |W_i| < s, else T_i    (3)
//   dWhat_i/dW_i = [|W_i| < s]                             (5)
// The gradient of s is multiplied by 1/sqrt(n * Q_P) (section 2.2). A step that is not above 0, as at first,
// is set to 2 mean|W| / sqrt(Q_P) (section 2.1) by the next forward pass.
#pragma once

#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

/// Parameters: weight, bias if asked for, step (O).
TernaryMethod lsq();

}  // namespace tern
