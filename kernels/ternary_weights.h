// Ternary weights of one latent weight tensor, by the methods of layers/ternary whose equations differ only
// in a threshold, a scale and a gradient. Those are in kernels/common/ternary_weight_formulas.h.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

struct TernaryWeights {
  Tensor ternary;  // T, i8 values in {-1, 0, +1}, of the shape of the latent weights
  Tensor scale;    // (O), f32
};

enum class WeightMethod {
  twn,     ///< layers/ternary/twn.h
  lsq,     ///< layers/ternary/lsq.h
  binary,  ///< layers/ternary/binary.h
};

/// w f32 (O, ...), per filter. A NaN weight makes the scale NaN. step: for lsq the learned step (O), f32,
/// which is set from w, in place, where it is not above 0; undefined for the others.
TernaryWeights ternary_weights(WeightMethod method, const Tensor& w, Tensor step = {});

struct TernaryWeightGradients {
  Tensor dw;
  Tensor dstep;  // (O); undefined but for lsq
};

/// For dt = dL/dT = scale * G, where G = dL/d(scale * T) and scale is that of ternary_weights. A filter with
/// a scale of 0 gets zero gradients, because G cannot be told from dt then.
TernaryWeightGradients ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w,
                                                const Tensor& scale);

namespace cpu {
void ternary_weights(WeightMethod method, const Tensor& w, Tensor& step, Tensor& ternary, Tensor& scale);
void ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w, const Tensor& scale,
                              Tensor& dw, Tensor& dstep);
}  // namespace cpu

namespace cuda {
void ternary_weights(WeightMethod method, const Tensor& w, Tensor& step, Tensor& ternary, Tensor& scale);
void ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w, const Tensor& scale,
                              Tensor& dw, Tensor& dstep);
}  // namespace cuda

}  // namespace tern::kernels
