#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// y (N, O), f32 = x w^T + bias with x (N, I), f32, bf16 or ternary values (i8), w (O, I) and bias (O,),
/// which may be undefined. dx = dy w, dw = dy^T x, dbias = sum of dy over the batch.
Variable linear(const Variable& x, const Variable& w, const Variable& bias = {});

}  // namespace tern
