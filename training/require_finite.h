#pragma once

#include "tern/layers/module.h"

namespace tern {

/// Throws NumericError naming the first parameter or buffer of `network` that holds a NaN or an infinity.
void require_finite(const Module& network);

}  // namespace tern
