#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x, f32 or bf16, to {-1, 0, +1} as i8 by the thresholds -0.5 and 0.5; straight-through gradient dy * [|x|
/// <= 1]. See kernels/ternary_activation.h.
Variable ternary_activation(const Variable& x);

/// {-1, +1} as i8, sign(0) = +1; the same gradient.
Variable binary_activation(const Variable& x);

}  // namespace tern
