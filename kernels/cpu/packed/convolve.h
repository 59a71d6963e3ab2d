// The loops of the packed ternary convolution, for any instruction set.
//
// An instruction set `Isa` has
//   kPixels, kBlocks   the tile whose sums fit its registers: output pixels times blocks of 8 filters
//   Weights<n>         a pair of words of each filter of n blocks
//   Counter<n>         a pixel's sums for n blocks: add(weights, pair of activations), and total(number of
//   pairs) kDrain             a counter holds so many pairs, then needs drain(); 0: any number
//
// A strip of output pixels goes through all filters while its input and its output are in the cache; a tile's
// weights are loaded once for its pixels, and its activations once for its blocks. In a buffer with a border
// the windows of a kernel row are contiguous, so that there is nothing to gather: a pixel is the address
// where its window begins.
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

/// Output pixels [first, first + count), by their windows.
struct Strip {
  static constexpr int kSize = 64;

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

/// The sums of kPixels windows and kBlocks blocks of filters.
template <class Isa, int kPixels, int kBlocks>
inline void convolve_tile(const ConvolutionShape& shape, const std::uint64_t* const* windows,
                          const std::uint64_t* weights, Ints<kLanes * kBlocks> (&sums)[kPixels]) {
  typename Isa::template Counter<kBlocks> counters[kPixels];
  const std::uint64_t* x[kPixels];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) x[p] = windows[p];
  const std::ptrdiff_t run = std::ptrdiff_t{2} * shape.kernel_width * shape.pairs();
  const std::ptrdiff_t row_words = shape.row_words(), block_words = shape.block_words();
  [[maybe_unused]] int held = 0;
  for (int kernel_row = 0; kernel_row < shape.kernel_height; ++kernel_row) {
    for (std::ptrdiff_t j = 0; j < run; j += 2, weights += 2 * kLanes) {
      const typename Isa::template Weights<kBlocks> w(weights, block_words);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) counters[p].add(w, x[p] + j);
      if constexpr (Isa::kDrain > 0) {
        if (++held == Isa::kDrain) {
          for (auto& counter : counters) counter.drain();
          held = 0;
        }
      }
    }
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) x[p] += row_words;
  }
  const int pairs = shape.window_pairs();
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) sums[p] = counters[p].total(pairs);
}

/// A tile of the strip, which begins at its pixel `first`, to the sink.
template <class Isa, int kPixels, int kBlocks, class Sink>
inline void convolve_to(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                        int first, int block, const Sink& sink) {
  Ints<kLanes * kBlocks> sums[kPixels];
  convolve_tile<Isa, kPixels, kBlocks>(shape, strip.windows + first, weights, sums);
  sink.template take<kPixels, kBlocks>(strip, first, block, sums);
}

/// The pixels of a strip from `first` on, fewer than fill a tile.
template <class Isa, int kPixels, int kBlocks, class Sink>
inline void convolve_rest(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                          int first, int block, const Sink& sink) {
  if constexpr (kPixels > 0) {
    if (strip.count - first == kPixels) {
      convolve_to<Isa, kPixels, kBlocks>(shape, strip, weights, first, block, sink);
    } else {
      convolve_rest<Isa, kPixels - 1, kBlocks>(shape, strip, weights, first, block, sink);
    }
  }
}

/// A strip and kBlocks blocks of filters, the first of which is `block`.
template <class Isa, int kBlocks, class Sink>
void convolve_blocks(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                     int block, const Sink& sink) {
  weights += block * shape.block_words();
  int first = 0;
  for (; first + Isa::kPixels <= strip.count; first += Isa::kPixels) {
    convolve_to<Isa, Isa::kPixels, kBlocks>(shape, strip, weights, first, block, sink);
  }
  convolve_rest<Isa, Isa::kPixels - 1, kBlocks>(shape, strip, weights, first, block, sink);
}

/// Rows [first_row, last_row) of the output. The sink is told of each strip, begin(strip), and then given its
/// tiles, take<pixels, blocks>(strip, first pixel, first block, sums).
template <class Isa, class Sink>
void convolve_rows(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                   int first_row, int last_row, Sink sink) {
  const int last = last_row * shape.output_width(), blocks = shape.filter_blocks();
  for (int first = first_row * shape.output_width(); first < last; first += Strip::kSize) {
    const Strip strip(shape, x, first, last - first < Strip::kSize ? last - first : Strip::kSize);
    sink.begin(strip);
    int block = 0;
    for (; block + Isa::kBlocks <= blocks; block += Isa::kBlocks) {
      convolve_blocks<Isa, Isa::kBlocks>(shape, strip, weights, block, sink);
    }
    for (; block < blocks; ++block) convolve_blocks<Isa, 1>(shape, strip, weights, block, sink);
  }
}

}  // namespace
}  // namespace tern::packed
