#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x limited to [-1, 1]. dx = dy where |x| < 1, else 0.
Variable hardtanh(const Variable& x);

}  // namespace tern
