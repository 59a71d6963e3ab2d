#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// Mean over all pixels, (N, H, W, C) -> (N, C).
Variable global_avg_pool2d(const Variable& x);

}  // namespace tern
