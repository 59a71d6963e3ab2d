// The stem's filters as 16-bit integers, for images whose pixels are integers of 8 bits.
//
//   z = scale * sum(q * x)   q: 16-bit weights; x: pixel - zero point; the sum is exact, in 32 bits
//
// Of minimal filtering the transformed weights are rounded, and the sum is that of each point of a tile; the
// input's transform is exact. So z is what rounded weights give, up to the roundings of a few floats:
//
//   |z - exact z| <= scale * sum_points |A[output][point]| * sum_taps |transformed x| / 2
//
// (one point and A = 1 where the filter is computed directly). The scale of a filter is the smallest for
// which no weight exceeds 16 bits and no sum 32, whatever the pixels are.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tern/kernels/cpu/floats/stem_convolution.h"

namespace tern::floats {

/// What the pixels of each image channel, and the padding, which is 0, lie between: -255 to 0 and 0 to 255.
struct PixelRange {
  int low, high;
};
using PixelRanges = std::array<PixelRange, kImageChannels>;

struct Int16Weights {
  std::vector<std::int16_t> values;  ///< What StemKernels<std::int16_t>::row reads.
  std::vector<float> scale;          ///< Of each output channel, of those beyond the network's, too.
};

/// From weights (channels, kernel, kernel, 3), OHWI.
Int16Weights arrange_int16_weights(const RowShape& shape, const float* ohwi, int channels,
                                   const PixelRanges& ranges);

}  // namespace tern::floats
