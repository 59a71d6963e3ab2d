#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x * scale + bias over the last dimension: x (..., C), scale (C,), bias (C,) or undefined. dx = scale * dy;
/// dscale and dbias are the sums of dy * x and of dy over the rows.
Variable scale_channels(const Variable& x, const Variable& scale, const Variable& bias = {});

}  // namespace tern
