// A strip of output pixels: what all filters go over while its input and its output are in the cache.
#pragma once

#include "tern/kernels/cpu/packed/convolution_shape.h"
#include "tern/kernels/cpu/packed/vectors.h"

namespace tern::packed {
namespace {

/// The addresses of `count` pixels from number `first` on, of an image whose rows have `width`.
template <class Word>
inline void list_pixels(int first, int count, int width, Word* image, std::ptrdiff_t row_step,
                        std::ptrdiff_t pixel_step, Word** addresses) {
  Word* row = image + first / width * row_step;
  for (int i = 0, column = first % width; i < count; column = 0, row += row_step) {
    const int end = width - column < count - i ? i + width - column : count;
    for (Word* pixel = row + column * pixel_step; i < end; ++i, pixel += pixel_step) addresses[i] = pixel;
  }
}

/// Where the window of the first output pixel begins, in the padding.
inline const std::uint64_t* first_window(const ConvolutionShape& shape, const std::uint64_t* x) {
  return x + (shape.border - shape.padding_height) * shape.row_words() +
         (shape.border - shape.padding_width) * std::ptrdiff_t{2} * shape.pairs();
}

/// Output pixels [first, first + count).
struct PixelStrip {
  static constexpr int kSize = 64;  // the most pixels of one

  /// Rows [first, last) of the kernel: the others read nothing but the border, in the windows of pixels
  /// [from, from + pixels) of the strip.
  struct KernelRows {
    int first, last;
  };
  KernelRows kernel_rows(const ConvolutionShape& shape, int from, int pixels) const {
    const int top = (first + from) / width * shape.stride_height - shape.padding_height,
              bottom = (first + from + pixels - 1) / width * shape.stride_height - shape.padding_height;
    const int begin = bottom < 0 ? -bottom : 0;
    const int end = shape.height - top < shape.kernel_height ? shape.height - top : shape.kernel_height;
    return {begin, begin < end ? end : begin};
  }

  int first, count, width;
};

/// The same by their windows. In a buffer with a border the windows of a kernel row are contiguous, so that
/// there is nothing to gather: a pixel is the address where its window begins.
struct Strip : PixelStrip {
  Strip(const ConvolutionShape& shape, const std::uint64_t* x, int first_pixel, int pixels)
      : PixelStrip{first_pixel, pixels, shape.output_width()}, row_words(shape.row_words()) {
    list_pixels(first, count, width, first_window(shape, x), shape.stride_height * row_words,
                shape.stride_width * std::ptrdiff_t{2} * shape.pairs(), windows);
  }

  std::ptrdiff_t row_words;  // from one row of a window to the next
  const std::uint64_t* windows[kSize];
};

}  // namespace
}  // namespace tern::packed
