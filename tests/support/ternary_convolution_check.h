// Ternary convolutions against the definition, on random problems small enough that naive loops stay quick.
#pragma once

#include <functional>

#include "tern/core/weight_levels.h"
#include "tern/kernels/conv2d.h"

namespace tern::test {

using Convolution = std::function<Tensor(const Tensor& x, const Tensor& t, const kernels::Conv2dParameters&)>;

/// Requires that `convolve` of i8 tensors on `device` gives the integers of the naive loops, as i16. Kernels
/// are 1 to 5 wide, strides 1 to 3, padding 0 to 2, and the channel counts cross every vector width. Threads
/// of loops are 1, 2 and 3 in turn. The weights have these levels.
void check_ternary_convolution(Device device, const Convolution& convolve,
                               WeightLevels levels = WeightLevels::three);

}  // namespace tern::test
