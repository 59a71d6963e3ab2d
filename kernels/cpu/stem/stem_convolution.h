// The first layers of a network in evaluation, row by row: a float convolution of an image with three
// channels, batch norm, PReLU.
//
// Depends on the C++ library alone. Every product is added by a fused multiply-add in the order kernel row,
// kernel column, image channel, so the targets avx512 and avx2 give equal bits; the portable one rounds the
// product, too.
#pragma once

#include <vector>

namespace tern::stem {

/// Output channels are laid out in groups of this many; those beyond the network's are zeros.
constexpr int kGroup = 16;
constexpr int kImageChannels = 3;

constexpr int padded_channels(int channels) {
  return (channels + kGroup - 1) / kGroup * kGroup;
}

/// One row of output.
struct RowShape {
  int kernel;        ///< Height and width of the filters.
  int stride;        ///< 1 or 2
  int input_width;   ///< Pixels of a row of the image, its zero padding included.
  int output_width;  ///< Not above (input_width - kernel) / stride + 1.
  int channels;      ///< Of the output; a multiple of kGroup.
};

/// Per output channel: y = prelu((z - mean) * gain + beta), as the kernels of batch norm and PReLU have it.
struct Epilogue {
  const float *mean, *gain, *beta, *slope;
};

/// Weights (channels, kernel, kernel, 3), OHWI, to [padded channels / 16][kernel][kernel][3][16].
std::vector<float> arrange_weights(const float* ohwi, int channels, int kernel);

/// Computes the row y (output_width, channels) from the `kernel` rows of the padded image that begin at `x`.
using Row = void (*)(const RowShape& shape, const float* x, const float* weights, const Epilogue& epilogue,
                     float* y);

/// The implementation for a target of the packed kernels ("avx512", "avx2", ...); any other name gives the
/// portable one.
Row row_for(const char* target);

void row_portable(const RowShape&, const float*, const float*, const Epilogue&, float*);
#if defined(__x86_64__)
void row_avx2(const RowShape&, const float*, const float*, const Epilogue&, float*);
void row_avx512(const RowShape&, const float*, const float*, const Epilogue&, float*);
#endif

}  // namespace tern::stem
