// The same numbers as elements of another type.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// x, f32, bf16 or i8, as `dtype`, f32 or bf16: from f32 to bf16 rounded to nearest, ties to even; exact
/// otherwise, for i8 as every ternary value is. x itself if it is of that dtype.
Tensor cast(const Tensor& x, DType dtype);

namespace cpu {
void cast(const Tensor& x, Tensor& y);
}  // namespace cpu

namespace cuda {
void cast(const Tensor& x, Tensor& y);
}  // namespace cuda

}  // namespace tern::kernels
