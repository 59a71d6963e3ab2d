// The stem of 8-bit images in integers.
//
// A normalised pixel is (u - 255 mean) / (255 std). Its weights are divided by 255 std, and of u the integer
// next to 255 mean is subtracted, the zero point, so that the padding is 0 here, too. What is left of the
// mean, at most half a grey level, is the same at all taps in the image and none in the padding: a bias that
// depends on which taps these are (WindowMeans).
#pragma once

#include <cstdint>
#include <vector>

#include "tern/kernels/cpu/floats/stem_convolution.h"
#include "tern/models/engine/axis.h"
#include "tern/models/engine/norm_terms.h"
#include "tern/models/engine/steps/stem_filter.h"
#include "tern/models/input_section.h"

namespace tern::engine {

/// What is subtracted from the pixels of a row (width, 3).
std::vector<std::int16_t> zero_points(const InputSection& input, int width);

/// `ohwi`: the weights (channels, kernel, kernel, 3) of the network, for normalised images. `norm` and
/// `slope` are those of the network's channels.
StemFilter<std::int16_t>::Terms int16_stem_terms(const InputSection& input, const floats::RowShape& shape,
                                                 const Axis& down, const Axis& across,
                                                 const std::vector<float>& ohwi, const NormTerms& norm,
                                                 const std::vector<float>& slope);

}  // namespace tern::engine
