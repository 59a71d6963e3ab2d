// Fully connected layer: matrix products in the mode of kernels/precision.h, weights laid out as PyTorch's
// torch.nn.Linear.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// y (N, O) = x w^T + bias. x (N, I), w (O, I), bias (O,) or undefined; all f32.
Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias);

/// dx (N, I) = dy w. dy (N, O), w (O, I).
Tensor linear_backward_data(const Tensor& dy, const Tensor& w);

/// dw (O, I) = dy^T x. dy (N, O), x (N, I). (The gradient of the bias is sum_rows(dy).)
Tensor linear_backward_weight(const Tensor& dy, const Tensor& x);

namespace cpu {
void linear(const Tensor& x, const Tensor& w, const Tensor& bias, Tensor& y);
void linear_backward_data(const Tensor& dy, const Tensor& w, Tensor& dx);
void linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor& dw);
}  // namespace cpu

namespace cuda {
void linear(const Tensor& x, const Tensor& w, const Tensor& bias, Tensor& y);
void linear_backward_data(const Tensor& dy, const Tensor& w, Tensor& dx);
void linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor& dw);
}  // namespace cuda

}  // namespace tern::kernels
