// The sizes of a convolution as device code wants them, and the window of an output pixel.
#pragma once

#include <climits>

#include "tern/core/error.h"
#include "tern/core/tensor.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/cuda/device.cuh"

namespace tern::kernels::cuda {

struct ConvolutionShape {
  int height, width, channels;  // of x (N, H, W, I)
  int out_height, out_width;
  int pixels;                                // of z: N * HO * WO
  int filters, kernel_height, kernel_width;  // of t (O, KH, KW, I)
  int stride, padding;

  /// Values of a window, and of a filter.
  __device__ int inner() const { return kernel_height * kernel_width * channels; }
};

/// `channels` may be in any unit that x is stored in. Throws ShapeError for so many pixels that an int cannot
/// count them and one tile more.
inline ConvolutionShape convolution_shape(const char* op, const Shape& x, const Shape& t,
                                          std::int64_t channels, const Conv2dParameters& p, const Shape& z) {
  constexpr int kMaxTile = 1 << 10;
  const std::int64_t pixels = z[0] * z[1] * z[2];
  if (pixels > INT_MAX - kMaxTile) {
    throw ShapeError(std::string(op) + ": z is " + to_string(z) +
                     ", more pixels than 2^31; take smaller batches");
  }
  const auto narrow = [](std::int64_t size) { return static_cast<int>(size); };
  return {narrow(x[1]), narrow(x[2]), narrow(channels), narrow(z[1]), narrow(z[2]), narrow(pixels),
          narrow(t[0]), narrow(t[1]), narrow(t[2]),     p.stride,     p.padding};
}

/// What an output pixel sees: it may begin outside the image, and end there.
struct Window {
  int image, top, left;
};

__device__ __forceinline__ Window window_of(const ConvolutionShape& shape, int pixel) {
  // Unsigned division is the cheaper one.
  const unsigned index = static_cast<unsigned>(pixel), width = static_cast<unsigned>(shape.out_width);
  const unsigned line = index / width, height = static_cast<unsigned>(shape.out_height);
  return {static_cast<int>(line / height), static_cast<int>(line % height) * shape.stride - shape.padding,
          static_cast<int>(index % width) * shape.stride - shape.padding};
}

__device__ __forceinline__ bool inside(int position, int size) {
  return static_cast<unsigned>(position) < static_cast<unsigned>(size);
}

}  // namespace tern::kernels::cuda
