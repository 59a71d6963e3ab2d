#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// The same elements under another shape with as many; dx is dy under that of x.
Variable reshape(const Variable& x, const Shape& shape);

/// (N, H, W, C) to (N, H * W * C), in that order.
Variable flatten(const Variable& x);

}  // namespace tern
