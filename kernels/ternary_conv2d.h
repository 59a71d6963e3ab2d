// The convolution of ternary activations with ternary weights, and its gradients.
//
// x (N, H, W, I) and t (O, KH, KW, I) are i8 with values in {-1, 0, +1}, t with WeightLevels::four in {-3,
// -1, +1, +3}, which is not checked; z = conv2d(x, t) (N, HO, WO, O) is an integer with |z| <= max|t| * KH *
// KW * I, exact on every device, as i16 where that bound fits and as i32 elsewhere. Both binary branches see
// the same x and share alpha, so that their sum alpha * conv(x, B1) + alpha * conv(x, B2) = 2 * alpha *
// conv(x, T) with T = (B1 + B2) / 2 needs one convolution forward, one for dx and one for dT (STTN, Xu et al.
// 2020, section 3).
#pragma once

#include "tern/core/packed_ternary.h"
#include "tern/core/tensor.h"
#include "tern/core/weight_levels.h"
#include "tern/kernels/conv2d.h"

namespace tern::kernels {

/// The dtype of z for weights of the shape t: i16 if |z| <= 32767, else i32. Throws ShapeError beyond 2^24,
/// up to which sums are exact on every path, floats included.
DType ternary_conv2d_dtype(const Shape& t, WeightLevels levels = WeightLevels::three);

Tensor ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters,
                      WeightLevels levels = WeightLevels::three);

/// z, and its channel_sums (kernels/channel_sums.h), which a GPU takes from the registers that hold z.
struct IntegersWithSums {
  Tensor z;
  Tensor sums;
};
IntegersWithSums ternary_conv2d_with_sums(const Tensor& x, const Tensor& t,
                                          const Conv2dParameters& parameters,
                                          WeightLevels levels = WeightLevels::three);

/// The layer's output in one pass, where no fused kernel follows: y (N, HO, WO, O) f32 = scale * z + bias
/// with scale and bias f32 (O,), no bias if it is undefined. Rounded as scale_channels(z, scale, bias) is.
Tensor scaled_ternary_conv2d(const Tensor& x, const Tensor& t, const Tensor& scale, const Tensor& bias,
                             const Conv2dParameters& parameters, WeightLevels levels = WeightLevels::three);

/// dL/dx for dz = dL/dz, f32 or bf16; dx has the dtype of dz.
Tensor ternary_conv2d_backward_data(const Tensor& dz, const Tensor& t, const Shape& x_shape,
                                    const Conv2dParameters& parameters);

/// dL/dT, f32, for dz = dL/dz, f32 or bf16. x: packed activations saved by forward (N, H, W, I).
Tensor ternary_conv2d_backward_weights(const Tensor& dz, const PackedTernary& x, const Shape& t_shape,
                                       const Conv2dParameters& parameters);

namespace cpu {
void ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters, WeightLevels levels,
                    Tensor& z);
void ternary_conv2d_with_sums(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters,
                              WeightLevels levels, Tensor& z, Tensor& sums);
void scaled_ternary_conv2d(const Tensor& x, const Tensor& t, const Tensor& scale, const Tensor& bias,
                           const Conv2dParameters& parameters, WeightLevels levels, Tensor& y);
}  // namespace cpu

namespace cuda {
void ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters, WeightLevels levels,
                    Tensor& z);
void ternary_conv2d_with_sums(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters,
                              WeightLevels levels, Tensor& z, Tensor& sums);
void scaled_ternary_conv2d(const Tensor& x, const Tensor& t, const Tensor& scale, const Tensor& bias,
                           const Conv2dParameters& parameters, WeightLevels levels, Tensor& y);
}  // namespace cuda

}  // namespace tern::kernels
