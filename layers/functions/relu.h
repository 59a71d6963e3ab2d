#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// 0 where x < 0, else x. dx = dy where x > 0, else 0.
Variable relu(const Variable& x);

}  // namespace tern
