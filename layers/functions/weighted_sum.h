#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// factor * x, of any shape. dx = factor * dy.
Variable scale(const Variable& x, float factor);

/// a * x + b * y, of the same shape. dx = a * d, dy = b * d, with d the gradient of the sum.
Variable weighted_sum(float a, const Variable& x, float b, const Variable& y);

}  // namespace tern
