// Ternary weights of one latent weight tensor, by the methods of layers/ternary whose equations differ only
// in a threshold, a scale and a gradient. Those are in kernels/common/ternary_weight_formulas.h.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// The threshold of TWN (Li & Liu 2016, equation 6) in units of a filter's mean magnitude.
inline constexpr float kTwnThreshold = 0.7F;

struct TernaryWeights {
  Tensor ternary;  // T, i8 values in {-1, 0, +1}, of the shape of the latent weights
  Tensor scale;    // (O), f32
};

enum class WeightMethod {
  twn,        ///< layers/ternary/twn.h
  lsq,        ///< layers/ternary/lsq.h
  threshold,  ///< layers/ternary/threshold.h
  binary,     ///< layers/ternary/binary.h
};

/// Whether the method learns a number per filter beside the weights.
constexpr bool learns_per_filter(WeightMethod method) {
  return method == WeightMethod::lsq || method == WeightMethod::threshold;
}

/// w f32 (O, ...), per filter. A NaN weight makes the scale NaN. learned (O), f32: the step of lsq, which is
/// set from w, in place, where it is not above 0; the delta of threshold, which is brought into its range, in
/// place; undefined for the others.
TernaryWeights ternary_weights(WeightMethod method, const Tensor& w, Tensor learned = {});

struct TernaryWeightGradients {
  Tensor dw;
  Tensor dlearned;  // (O); undefined where nothing is learned per filter
};

/// For dt = dL/dT = scale * G, where G = dL/d(scale * T); scale and learned are those that ternary_weights
/// gave and left. A filter with a scale of 0 gets zero gradients, because G cannot be told from dt then.
TernaryWeightGradients ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w,
                                                const Tensor& scale, const Tensor& learned = {});

namespace cpu {
void ternary_weights(WeightMethod method, const Tensor& w, Tensor& learned, Tensor& ternary, Tensor& scale);
void ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w, const Tensor& scale,
                              const Tensor& learned, Tensor& dw, Tensor& dlearned);
}  // namespace cpu

namespace cuda {
void ternary_weights(WeightMethod method, const Tensor& w, Tensor& learned, Tensor& ternary, Tensor& scale);
void ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w, const Tensor& scale,
                              const Tensor& learned, Tensor& dw, Tensor& dlearned);
}  // namespace cuda

}  // namespace tern::kernels
