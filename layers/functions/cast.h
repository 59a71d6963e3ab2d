#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x, f32, bf16 or ternary values (i8), as `dtype`, f32 or bf16; see kernels/cast.h. The gradient is cast
/// back, but that of ternary values, which stays as it comes.
Variable cast(const Variable& x, DType dtype);

}  // namespace tern
