// Ternary activation with two thresholds per channel, learned with the generalised straight-through gradient
// of N2UQ (Liu et al., CVPR 2022, section 3.2).
//
//   y = [x >= high] - [x < low]
//
// Its gradient is that of the line f through (2 low, -1), (0, 0) and (2 high, 1), constant beyond, which is
// half a step at each threshold:
//   df/dx    = 1 / (2 high)         where 0 <= x <= 2 high,    -1 / (2 low)        where 2 low <= x < 0
//   df/dhigh = -x / (2 high^2)      there,             df/dlow = x / (2 low^2)     there
// and 0 elsewhere. In the gradient alone, high counts as 0.001 at least and low as -0.001 at most. With -0.5
// and 0.5 it is the ternary activation of kernels/ternary_activation.h.
//
// x f32 (..., C) of rank 2 or more; low, high f32 (C). Should low exceed high, the values are those of the
// two exchanged. A NaN becomes 0, gets no gradient and makes those of its thresholds NaN; the batch norm
// before it reports NaNs.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// i8 in {-1, 0, +1}, of the shape of x.
Tensor threshold_activation(const Tensor& x, const Tensor& low, const Tensor& high);

struct ThresholdGradients {
  Tensor dx;
  Tensor dlow, dhigh;  ///< (C)
};

/// For dy f32 of the shape of x. dx is written into the storage of dy if no other handle shares it.
ThresholdGradients threshold_activation_backward(Tensor dy, const Tensor& x, const Tensor& low,
                                                 const Tensor& high);

namespace cpu {
void threshold_activation(const Tensor& x, const Tensor& low, const Tensor& high, Tensor& y);
/// gradients.dx may be dy.
void threshold_activation_backward(const Tensor& dy, const Tensor& x, const Tensor& low, const Tensor& high,
                                   ThresholdGradients& gradients);
}  // namespace cpu

namespace cuda {
void threshold_activation(const Tensor& x, const Tensor& low, const Tensor& high, Tensor& y);
/// gradients.dx may be dy.
void threshold_activation_backward(const Tensor& dy, const Tensor& x, const Tensor& low, const Tensor& high,
                                   ThresholdGradients& gradients);
}  // namespace cuda

}  // namespace tern::kernels
