// PReLU: a ReLU with a learned slope for negative inputs, one per channel (He et al., 2015); and RPReLU, a
// PReLU between two learned shifts (ReActNet, Liu et al., ECCV 2020, section 4.2).
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// The shifts of an RPReLU: y = prelu(x + before) + after. Both f32 (C), or both undefined, which changes
/// nothing.
struct PreluShifts {
  Tensor before, after;
};

/// y = v where v > 0, else slope * v, with v = x (or x + before, and y + after). x and y: f32 or bf16 (...,
/// C) of rank 2 or more, C >= 1; slope: f32 (C,), of any sign.
Tensor prelu(const Tensor& x, const Tensor& slope, const PreluShifts& shifts = {});

struct PreluGradients {
  Tensor dx;      ///< as x: dy where v > 0, else slope * dy. Its sum over the rows is that of `before`.
  Tensor dslope;  ///< f32 (C,): sum over the rows of dy * v where not v > 0
};

/// dy is of the dtype of x. dx is written into the storage of dy if no other handle shares it. `before` is
/// that of the shifts, or undefined.
PreluGradients prelu_backward(Tensor dy, const Tensor& x, const Tensor& slope, const Tensor& before = {});

namespace cpu {
void prelu(const Tensor& x, const Tensor& slope, const PreluShifts& shifts, Tensor& y);
/// dx may be dy.
void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, const Tensor& before, Tensor& dx,
                    Tensor& dslope);
}  // namespace cpu

namespace cuda {
void prelu(const Tensor& x, const Tensor& slope, const PreluShifts& shifts, Tensor& y);
/// dx may be dy.
void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, const Tensor& before, Tensor& dx,
                    Tensor& dslope);
}  // namespace cuda

}  // namespace tern::kernels
