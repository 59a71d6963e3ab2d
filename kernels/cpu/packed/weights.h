#pragma once

#include <cstdint>
#include <vector>

#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::packed {

/// The weights as these kernels read them, from values in {-1, 0, +1}, which nothing checks: (filters,
/// kernel_height, kernel_width, channels).
std::vector<std::uint64_t> arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
                                           const std::int8_t* values);

/// The same from pairs of words: (filters, kernel_height, kernel_width, pairs).
std::vector<std::uint64_t> arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
                                           const std::uint64_t* pairs);

}  // namespace tern::packed
