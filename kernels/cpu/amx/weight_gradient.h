// The weight gradient of a convolution by AMX. oneDNN's is several times slower where images are small and
// channels many, as in the deeper layers.
#pragma once

#include "tern/kernels/conv2d.h"

namespace tern::kernels::cpu::amx {

/// Whether `weight_gradient` can and should compute this one: AMX is available, and channels fill its tiles.
bool takes_weight_gradient(const Tensor& dy, const Tensor& x);

/// dw f32 (O, KH, KW, I) of dy bf16 (N, HO, WO, O) and x bf16 (N, H, W, I), as cpu::conv2d_backward_weights.
/// The order of each sum depends on the shapes alone, not on the number of threads.
void weight_gradient(const Tensor& dy, const Tensor& x, const Conv2dParameters& parameters, Tensor& dw);

}  // namespace tern::kernels::cpu::amx
