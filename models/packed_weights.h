// The weights of ternary layers as files hold them: trits_code.h or, of four levels, levels_code.h.
#pragma once

#include "tern/core/tensor.h"
#include "tern/core/weight_levels.h"

namespace tern {

/// u8 vector from i8 values. Throws DataError for values that are none of the levels.
Tensor pack_weights(const Tensor& values, WeightLevels levels);

/// i8 values of the given shape. Throws DataError if `bytes` is no such vector, or what the codes refuse.
Tensor unpack_weights(const Tensor& bytes, const Shape& shape, WeightLevels levels);

}  // namespace tern
