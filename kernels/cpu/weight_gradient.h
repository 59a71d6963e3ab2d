// The weight gradient of a convolution by oneDNN, with the same bits for any number of threads.
//
// It is a sum over images. oneDNN splits it by the number of threads; here it is split into shares whose
// number follows from the problem alone. One thread computes a share, and shares are added in their order.
#pragma once

#include "tern/core/tensor.h"
#include "tern/kernels/cpu/convolution_problem.h"

namespace tern::kernels::cpu {

/// Writes dw (O, KH, KW, I) f32, the gradient of `problem` for dy and x, which hold at least one image.
void weight_gradient(const ConvolutionProblem& problem, const Tensor& dy, const Tensor& x, Tensor& dw);

}  // namespace tern::kernels::cpu
