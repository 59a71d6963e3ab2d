// The bias that follows cuDNN's convolutions and cuBLAS's products.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels::cuda {

/// y (..., C) += bias (C,), on the device; both f32.
void add_bias(Tensor& y, const Tensor& bias);

}  // namespace tern::kernels::cuda
