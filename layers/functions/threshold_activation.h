#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x (..., C), f32 or bf16, to {-1, 0, +1} as i8: -1 below low (C), +1 from high (C) on. Gradients of all
/// three as in N2UQ; see kernels/threshold_activation.h.
Variable threshold_activation(const Variable& x, const Variable& low, const Variable& high);

}  // namespace tern
