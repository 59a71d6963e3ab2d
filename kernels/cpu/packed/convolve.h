// The loops of the packed ternary convolution, for any instruction set.
//
// An instruction set `Isa` has
//   Weights   a pair of words of each of 8 filters, loaded by Weights::load
//   Counter   8 running sums: add(weights, pair of activations), and total(number of pairs) as I32x8
//   kPixels, kBlocks   the tile whose counters fit its registers: output pixels times blocks of 8 filters
//   kDrain    a counter holds so many pairs, then needs drain(); 0: any number
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

/// Output pixels [first, first + count) of an image, row after row, by their windows.
struct Strip {
  static constexpr int kSize = 64;

  Strip(const ConvolutionShape& shape, const std::uint64_t* x, int first_pixel, int pixels)
      : first(first_pixel), count(pixels) {
    const int width = shape.output_width(), margin = shape.border - shape.padding;
    int row = first / width, column = first % width;
    for (int i = 0; i < count; ++i) {
      windows[i] = x + (row * shape.stride + margin) * shape.row_words() +
                   std::ptrdiff_t{2} * (column * shape.stride + margin) * shape.pairs();
      if (++column == width) column = 0, ++row;
    }
  }

  int first, count;
  const std::uint64_t* windows[kSize];
};

/// The sums of kPixels windows and kBlocks blocks of filters: sink(pixel, block, sums) with numbers within
/// the tile.
template <class Isa, int kPixels, int kBlocks, class Sink>
inline void convolve_tile(const ConvolutionShape& shape, const std::uint64_t* const* windows,
                          const std::uint64_t* weights, const Sink& sink) {
  typename Isa::Counter counters[kPixels][kBlocks];
  const std::uint64_t* x[kPixels];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) x[p] = windows[p];
  const int run = shape.kernel_width * shape.pairs();
  const std::ptrdiff_t row_words = shape.row_words(), block_words = shape.block_words();
  [[maybe_unused]] int held = 0;
  for (int kernel_row = 0; kernel_row < shape.kernel_height; ++kernel_row) {
    for (std::ptrdiff_t j = 0; j < std::ptrdiff_t{2} * run; j += 2, weights += 2 * kLanes) {
      typename Isa::Weights w[kBlocks];
#pragma GCC unroll 4
      for (int b = 0; b < kBlocks; ++b) w[b] = Isa::Weights::load(weights + b * block_words);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
        for (int b = 0; b < kBlocks; ++b) counters[p][b].add(w[b], x[p] + j);
      }
      if constexpr (Isa::kDrain > 0) {
        if (++held == Isa::kDrain) {
          for (auto& pixel : counters)
            for (auto& counter : pixel) counter.drain();
          held = 0;
        }
      }
    }
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) x[p] += row_words;
  }
  const int pairs = shape.window_pairs();
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
    for (int b = 0; b < kBlocks; ++b) sink(p, b, counters[p][b].total(pairs));
  }
}

/// The pixels of a strip that are left over when tiles of kPixels + 1 are done.
template <class Isa, int kPixels, int kBlocks, class Sink>
inline void convolve_rest(const ConvolutionShape& shape, const std::uint64_t* const* windows, int count,
                          const std::uint64_t* weights, const Sink& sink) {
  if constexpr (kPixels > 0) {
    if (count == kPixels) {
      convolve_tile<Isa, kPixels, kBlocks>(shape, windows, weights, sink);
    } else {
      convolve_rest<Isa, kPixels - 1, kBlocks>(shape, windows, count, weights, sink);
    }
  }
}

/// A strip and kBlocks blocks of filters, the first of which is `block`: sink(pixel of the image, block,
/// sums).
template <class Isa, int kBlocks, class Sink>
void convolve_blocks(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                     int block, const Sink& sink) {
  weights += block * shape.block_words();
  int done = 0;
  const auto place = [&](int p, int b, const I32x8& sums) { sink(strip, done + p, block + b, sums); };
  for (; done + Isa::kPixels <= strip.count; done += Isa::kPixels) {
    convolve_tile<Isa, Isa::kPixels, kBlocks>(shape, strip.windows + done, weights, place);
  }
  convolve_rest<Isa, Isa::kPixels - 1, kBlocks>(shape, strip.windows + done, strip.count - done, weights,
                                                place);
}

template <class Isa, class Sink>
void convolve_rows(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                   int first_row, int last_row, const Sink& sink) {
  const int last = last_row * shape.output_width(), blocks = shape.filter_blocks();
  for (int first = first_row * shape.output_width(); first < last; first += Strip::kSize) {
    const Strip strip(shape, x, first, last - first < Strip::kSize ? last - first : Strip::kSize);
    int block = 0;
    for (; block + Isa::kBlocks <= blocks; block += Isa::kBlocks) {
      convolve_blocks<Isa, Isa::kBlocks>(shape, strip, weights, block, sink);
    }
    for (; block < blocks; ++block) convolve_blocks<Isa, 1>(shape, strip, weights, block, sink);
  }
}

}  // namespace
}  // namespace tern::packed
