// A strip of output pixels: what all filters go over while its input and its output are in the cache.
#pragma once

#include "kernels/cpu/packed/convolution_shape.h"
#include "kernels/cpu/packed/vectors.h"

namespace tern::packed {
namespace {

/// The addresses of `count` pixels from number `first` on, of an image whose rows have `width`.
template <class Word>
inline void list_pixels(int first, int count, int width, Word* image, std::ptrdiff_t row_step,
                        std::ptrdiff_t pixel_step, Word** addresses) {
  int column = first % width;
  Word* row = image + first / width * row_step;
  for (int i = 0; i < count; ++i) {
    addresses[i] = row + column * pixel_step;
    if (++column == width) column = 0, row += row_step;
  }
}

/// Output pixels [first, first + count), by their windows. In a buffer with a border the windows of a kernel
/// row are contiguous, so that there is nothing to gather: a pixel is the address where its window begins.
struct Strip {
  static constexpr int kSize = 64;  // the most pixels of one

  Strip(const ConvolutionShape& shape, const std::uint64_t* x, int first_pixel, int pixels)
      : first(first_pixel), count(pixels) {
    const std::ptrdiff_t pixel_words = std::ptrdiff_t{2} * shape.pairs(),
                         margin = shape.border - shape.padding;
    list_pixels(first, count, shape.output_width(), x + margin * (shape.row_words() + pixel_words),
                shape.stride * shape.row_words(), shape.stride * pixel_words, windows);
  }

  int first, count;
  const std::uint64_t* windows[kSize];
};

/// body(strip) for the pixels of the output's rows [first_row, last_row), `size` at a time.
template <class Body>
inline void for_each_strip(const ConvolutionShape& shape, const std::uint64_t* x, int first_row, int last_row,
                           int size, const Body& body) {
  const int last = last_row * shape.output_width();
  for (int first = first_row * shape.output_width(); first < last; first += size) {
    body(Strip(shape, x, first, last - first < size ? last - first : size));
  }
}

}  // namespace
}  // namespace tern::packed
