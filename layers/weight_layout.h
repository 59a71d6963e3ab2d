// Convolution weights at import and export: PyTorch stores (O, I, KH, KW), Tern computes on (O, KH, KW, I).
#pragma once

#include "tern/core/tensor.h"

namespace tern {

/// f32 (O, I, KH, KW) on the CPU to a new (O, KH, KW, I).
Tensor oihw_to_ohwi(const Tensor& weight);

/// f32 (O, KH, KW, I) on the CPU to a new (O, I, KH, KW).
Tensor ohwi_to_oihw(const Tensor& weight);

}  // namespace tern
