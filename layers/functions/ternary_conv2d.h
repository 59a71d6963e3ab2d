#pragma once

#include "kernels/conv2d.h"
#include "layers/autograd/variable.h"

namespace tern {

using kernels::Conv2dParameters;

/// z = conv2d(x, t) of ternary values, an exact integer: x (N, H, W, I), t (O, KH, KW, I); see
/// kernels/ternary_conv2d.h. Differentiable in both, where they require a gradient.
Variable ternary_conv2d(const Variable& x, const Variable& t, const Conv2dParameters& parameters);

}  // namespace tern
