// The data gradient of a convolution by AMX. oneDNN's takes several times as long where images are small and
// channels many, and with strides.
#pragma once

#include "tern/kernels/conv2d.h"

namespace tern::kernels::cpu::amx {

/// Whether `data_gradient` can and should compute this one: AMX is available, and channels fill its tiles.
/// (Tensors of an emulated GPU, which come this way too, are left to oneDNN.)
bool takes_data_gradient(const Tensor& dy, const Tensor& dx);

/// dx bf16 (N, H, W, I) of dy bf16 (N, HO, WO, O) and w bf16 (O, KH, KW, I), as cpu::conv2d_backward_data:
/// each element a sum in f32, over taps and then output channels, rounded once.
void data_gradient(const Tensor& dy, const Tensor& w, const Conv2dParameters& parameters, Tensor& dx);

}  // namespace tern::kernels::cpu::amx
