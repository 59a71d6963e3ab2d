// Ternary Weight Networks (Li & Liu 2016, arXiv 1605.04711), section 2. Per output channel, W of n weights:
//   Delta = 0.7 mean|W|                                    (6), the approximate optimum
//   T_i = sign(W_i) [|W_i| > Delta]                        (3)
//   alpha = mean of the |W_i| above Delta                  (5); 0 if there are none
// The layer computes with alpha * T; dL/dW = dL/d(alpha * T), straight through (section 2.3).
#pragma once

#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

/// Parameters: weight, and bias if asked for.
TernaryMethod twn();

}  // namespace tern
