#pragma once

#include "tern/layers/autograd/variable.h"

namespace tern {

/// x (N, H, W, C) with zero channels appended, up to `channels`. The gradient drops them again.
Variable pad_channels(const Variable& x, std::int64_t channels);

}  // namespace tern
