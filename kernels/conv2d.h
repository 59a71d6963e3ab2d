// 2-D convolution (cross-correlation, as in PyTorch) of float tensors, without groups or dilation.
//
// x (N, H, W, I), w (O, KH, KW, I), bias (O) or undefined, y (N, HO, WO, O) with
// HO = (H + 2 * padding - KH) / stride + 1, likewise WO. Padding is zeros. The operands of a product are both
// f32 or both bf16; products of bf16 are exact in f32, where they are summed. y and dx of bf16 operands are
// rounded once, to bf16 again. dw is f32, whatever the operands, but a GPU rounds each element of that of
// bf16 ones to bf16 (8 significant bits), as PyTorch's AMP does: cuDNN has no engine that would not. Sums are
// never computed by transforms (Winograd, FFT): where all products and partial sums are integers below 2^24
// the result before that rounding is exact, on every device and, for factors of at most 11 bits, in every
// mode of kernels/precision.h. The same device gives the same bits each time.
#pragma once

#include <string>
#include <vector>

#include "tern/core/tensor.h"

namespace tern::kernels {

struct Conv2dParameters {
  int stride = 1;
  int padding = 0;
};

/// Shape of y. Throws ShapeError naming `op` if the arguments do not fit together.
Shape conv2d_output_shape(const char* op, const Shape& x, const Shape& w, const Conv2dParameters& parameters);

/// Throws ShapeError naming `op` unless dy is f32 or bf16 of the shape of y.
void check_conv2d_gradient(const char* op, const Tensor& dy, const Shape& x, const Shape& w,
                           const Conv2dParameters& parameters);

/// A bias is for f32 alone.
Tensor conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& parameters);

/// dL/dx (of shape `x_shape`) for dy = dL/dy.
Tensor conv2d_backward_data(const Tensor& dy, const Tensor& w, const Shape& x_shape,
                            const Conv2dParameters& parameters);

/// The dtype to which conv2d_backward_weights casts both its factors on the device of dy: for a bf16 dy bf16,
/// but on a CPU without instructions for it; otherwise f32.
DType weight_gradient_factors(const Tensor& dy);

/// dL/dw (of shape `w_shape`) for dy = dL/dy. Here dy and x may be one f32 and one bf16.
Tensor conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Shape& w_shape,
                               const Conv2dParameters& parameters);

/// What cuDNN does the convolutions with that this process has run on a GPU so far, a line each: the problem,
/// cuDNN's number of the engine, and the memory that it takes for itself. Empty for the CPU.
std::vector<std::string> conv2d_plans(Device device);

namespace cpu {
void conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& parameters,
            Tensor& y);
void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& parameters, Tensor& dx);
DType weight_gradient_factors(DType dy);
/// dy and x are both of that dtype.
void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& parameters,
                             Tensor& dw);
}  // namespace cpu

namespace cuda {
void conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& parameters,
            Tensor& y);
void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& parameters, Tensor& dx);
/// All three of one dtype.
void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& parameters,
                             Tensor& dw);
std::vector<std::string> conv2d_plans(int device_index);
}  // namespace cuda

}  // namespace tern::kernels
