#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x, f32 or bf16, as `dtype`, f32 or bf16; see kernels/cast.h. Its gradient goes the other way.
Variable cast(const Variable& x, DType dtype);

}  // namespace tern
