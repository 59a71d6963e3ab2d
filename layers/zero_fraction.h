#pragma once

#include "tern/core/tensor.h"

namespace tern {

/// Share of zeros among the elements of an i8 tensor, in [0, 1]; 0 for an empty one.
double zero_fraction_of(const Tensor& tensor);

}  // namespace tern
