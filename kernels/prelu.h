// PReLU: a ReLU with a learned slope for negative inputs, one per channel (He et al., 2015).
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// y = x where x > 0, else slope * x. x and y: f32 or bf16 (..., C) of rank 2 or more, C >= 1; slope: f32
/// (C,), of any sign.
Tensor prelu(const Tensor& x, const Tensor& slope);

struct PreluGradients {
  Tensor dx;      ///< as x: dy where x > 0, else slope * dy
  Tensor dslope;  ///< f32 (C,): sum over the rows of dy * x where not x > 0
};

/// dy is of the dtype of x. dx is written into the storage of dy if no other handle shares it.
PreluGradients prelu_backward(Tensor dy, const Tensor& x, const Tensor& slope);

namespace cpu {
void prelu(const Tensor& x, const Tensor& slope, Tensor& y);
/// dx may be dy.
void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, Tensor& dx, Tensor& dslope);
}  // namespace cpu

namespace cuda {
void prelu(const Tensor& x, const Tensor& slope, Tensor& y);
void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, Tensor& dx, Tensor& dslope);
}  // namespace cuda

}  // namespace tern::kernels
