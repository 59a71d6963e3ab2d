// The ternary convolution as its definition reads, on plain arrays: one image x (height, width, channels),
// weights (filters, kernel_height, kernel_width, channels), sums (output_height, output_width, filters).
#pragma once

#include <cstdint>
#include <vector>

#include "tern/kernels/cpu/packed/convolution_shape.h"

namespace tern::reference {

std::vector<std::int32_t> ternary_convolution(const packed::ConvolutionShape& shape,
                                              const std::vector<std::int8_t>& x,
                                              const std::vector<std::int8_t>& weights);

}  // namespace tern::reference
