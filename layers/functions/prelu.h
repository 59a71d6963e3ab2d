#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x where x > 0, else slope * x; x (..., C) of rank 2 or more, slope (C,), one per channel.
/// dx = dy where x > 0, else slope * dy; dslope = sum of dy * x where not x > 0.
Variable prelu(const Variable& x, const Variable& slope);

/// prelu(x + shift, slope) + bias, all per channel: RPReLU (ReActNet, Liu et al., ECCV 2020, section 4.2).
Variable rprelu(const Variable& x, const Variable& slope, const Variable& shift, const Variable& bias);

}  // namespace tern
