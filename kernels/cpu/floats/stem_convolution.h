// The first layers of a network in evaluation, row by row: a float convolution of an image with three
// channels, batch norm, PReLU.
//
// Depends on the C++ library alone. A 7x7 filter of stride 2 is computed by minimal filtering along the row
// (winograd.h): its even and its odd columns are two filters of stride 1 and four taps (the last odd one
// zero), whose products are added up before they are transformed back. Of the multiplications of the plain
// sum that leaves 46 %; the rounding errors are about twice as large. Other filters are computed directly.
// The targets avx512 and avx2 add by fused multiply-adds in one order and give equal bits; the portable one
// rounds the products, too.
#pragma once

#include <vector>

namespace tern::floats {

/// Output channels are laid out in groups of this many; those beyond the network's are zeros.
constexpr int kGroup = 16;
constexpr int kImageChannels = 3;
constexpr int kPairTaps = 2 * kImageChannels;  // of two neighbouring pixels

constexpr int padded_channels(int channels) {
  return (channels + kGroup - 1) / kGroup * kGroup;
}

struct RowShape {
  int kernel;        ///< Height and width of the filters.
  int stride;        ///< 1 or 2
  int output_width;  ///< Pixels of a row of the output.
  int channels;      ///< Of the output; a multiple of kGroup.

  bool minimal() const { return kernel == 7 && stride == 2; }
  /// Groups of four outputs, the last one perhaps beyond the row.
  int tiles() const { return (output_width + 3) / 4; }
  /// Pixels that a row of the output has in memory.
  int computed_width() const { return minimal() ? 4 * tiles() : output_width; }
  /// Pixels that a row of the image must have, its zero padding included; zeros may follow it to that number.
  int input_width() const { return minimal() ? 8 * tiles() + 6 : (output_width - 1) * stride + kernel; }
  /// Floats of a prepared row of the image.
  int prepared_floats() const;
};

/// Per output channel: y = prelu((z - mean) * gain + beta), as the kernels of batch norm and PReLU have it.
struct Epilogue {
  const float *mean, *gain, *beta, *slope;
};

/// From weights (channels, kernel, kernel, 3), OHWI, to what the kernels read.
std::vector<float> arrange_weights(const RowShape& shape, const float* ohwi, int channels);

}  // namespace tern::floats
