// The first layers of a network in evaluation, row by row: a convolution of an image with three channels,
// batch norm, PReLU.
//
// Depends on the C++ library alone. A 7x7 filter of stride 2 is computed by minimal filtering along the row
// (winograd.h): its even and its odd columns are two filters of stride 1 and four taps (the last odd one
// zero), whose products are added up before they are transformed back. Of the multiplications of the plain
// sum that leaves 46 %. Other filters are computed directly.
//
// Numbers are floats, or 16-bit integers (int16_weights.h) whose products are added up in pairs. In floats
// minimal filtering has rounding errors about twice as large as the plain sum's; the targets avx512 and avx2
// add by fused multiply-adds in one order and give equal bits; the portable one rounds the products, too. In
// integers all targets give equal bits.
#pragma once

#include <vector>

#include "tern/kernels/cpu/floats/winograd.h"

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
  /// Values of a prepared row of the image.
  int prepared_values() const;
  /// A filter is sums() times kernel times row_taps() numbers, in this order.
  int sums() const { return minimal() ? winograd::kPoints : 1; }
  int row_taps() const { return minimal() ? kPairTaps : kernel * kImageChannels; }
  int taps() const { return sums() * kernel * row_taps(); }
};

/// Per output channel: y = prelu((z - mean) * gain + beta), as the kernels of batch norm and PReLU have it.
struct Epilogue {
  const float* const* mean;  ///< Of each pixel that is computed.
  const float *gain, *beta, *slope;
};

/// Filters (channels, kernel, kernel, 3), OHWI, as (channels, taps()); of minimal filtering they are
/// transformed by `matrices`.
std::vector<double> transform_filters(const RowShape& shape, const winograd::Matrices& matrices,
                                      const float* ohwi, int channels);

/// From weights (channels, kernel, kernel, 3), OHWI, to what the kernels of floats read.
std::vector<float> arrange_weights(const RowShape& shape, const float* ohwi, int channels);

}  // namespace tern::floats
