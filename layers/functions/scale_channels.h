#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x * scale + bias over the last dimension: x (..., C), scale a constant (C,), bias (C,) or undefined.
/// dx = scale * dy, dbias = sum of dy over the rows.
Variable scale_channels(const Variable& x, const Tensor& scale, const Variable& bias = {});

}  // namespace tern
