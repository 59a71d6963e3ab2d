#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x where x > 0, else slope * x; x (..., C) of rank 2 or more, slope (C,), one per channel.
/// dx = dy where x > 0, else slope * dy; dslope = sum of dy * x where not x > 0.
Variable prelu(const Variable& x, const Variable& slope);

}  // namespace tern
