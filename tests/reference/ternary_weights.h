// TWN, LSQ, learned thresholds and binary weights as their formulas read (layers/ternary/), one loop per sum.
#pragma once

#include <vector>

#include "tern/kernels/ternary_weights.h"

namespace tern::reference {

/// Of all filters one after the other, like the elements of the tensors that kernels/ternary_weights.h gives.
struct TernaryWeights {
  std::vector<double> ternary, scale;
  std::vector<double> dw, dlearned;  // empty without dt; dlearned where nothing is learned per filter
};

/// w f32 (O, ...); dt = dL/dT of the same shape, or undefined. LSQ's step is the one that the weights set,
/// and a learned threshold has its first value, 0.7 mean|W|.
/// Sums and products are doubles, but a mean and the threshold made of it are rounded to f32, as the method
/// is defined in the numbers that are stored: which weights are above it is no matter of tolerance.
TernaryWeights ternary_weights(kernels::WeightMethod method, const Tensor& w, const Tensor& dt = {});

}  // namespace tern::reference
