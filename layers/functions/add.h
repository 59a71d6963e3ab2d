#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// a + b, the residual connection. Same shape. da = db = dy.
Variable add(const Variable& a, const Variable& b);

}  // namespace tern
