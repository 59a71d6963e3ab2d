// The loops of the packed ternary convolution for an instruction set that counts bits.
//
// Such an `Isa` has
//   kPixels, kBlocks   the tile whose sums fit its registers: output pixels times blocks of 8 filters
//   Weights<n>         a pair of words of each filter of n blocks
//   Counter<n>         a pixel's sums for n blocks: add(weights, pair of activations), and
//                      total(number of pairs)
//   kDrain             a counter holds so many pairs, then needs drain(); 0: any number
//
//   weights   [filter_blocks][kernel_height * kernel_width * pairs][2][8]  words of 64 bits
//
// They hold eight filters side by side, one a lane, because the lanes of a vector are output channels; lanes
// beyond the last filter are 0. A tile's weights are loaded once for its pixels, and its activations once for
// its blocks.
#pragma once

#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/kernels/cpu/packed/strip.h"

namespace tern::packed {
namespace {

/// Words of one block of filters.
inline std::ptrdiff_t block_words(const ConvolutionShape& shape) {
  return std::ptrdiff_t{2} * kLanes * shape.window_pairs();
}

/// The sums of kPixels windows and kBlocks blocks of filters.
template <class Isa, int kPixels, int kBlocks>
inline void convolve_tile(const ConvolutionShape& shape, const Strip::KernelRows& rows,
                          const std::uint64_t* const* windows, std::ptrdiff_t row_words,
                          const std::uint64_t* weights, Ints<kLanes * kBlocks> (&sums)[kPixels]) {
  typename Isa::template Counter<kBlocks> counters[kPixels];
  const std::uint64_t* x[kPixels];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) x[p] = windows[p] + rows.first * row_words;
  const std::ptrdiff_t run = std::ptrdiff_t{2} * shape.kernel_width * shape.pairs();
  const std::ptrdiff_t block_step = block_words(shape);
  weights += rows.first * run * kLanes;
  [[maybe_unused]] int held = 0;
  for (int kernel_row = rows.first; kernel_row < rows.last; ++kernel_row) {
    for (std::ptrdiff_t j = 0; j < run; j += 2, weights += 2 * kLanes) {
      const typename Isa::template Weights<kBlocks> w(weights, block_step);
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
  const int pairs = (rows.last - rows.first) * shape.kernel_width * shape.pairs();
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) sums[p] = counters[p].total(pairs);
}

/// A tile of the strip, which begins at its pixel `first`, to the sink.
template <class Isa, int kPixels, int kBlocks, class Sink>
inline void convolve_to(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                        int first, int block, const Sink& sink) {
  Ints<kLanes * kBlocks> sums[kPixels];
  convolve_tile<Isa, kPixels, kBlocks>(shape, strip.kernel_rows(shape, first, kPixels), strip.windows + first,
                                       strip.row_words, weights, sums);
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
  weights += block * block_words(shape);
  // A network's weights are never in the inner cache when their layer's turn comes: with each tile comes a
  // share of the next blocks'. What is fetched beyond the last ones does no harm.
  const std::ptrdiff_t words = kBlocks * block_words(shape), share = words / (strip.count / Isa::kPixels + 1);
  const std::uint64_t* next = weights + words;
  int first = 0;
  for (; first + Isa::kPixels <= strip.count; first += Isa::kPixels, next += share) {
    fetch(next, share);
    convolve_to<Isa, Isa::kPixels, kBlocks>(shape, strip, weights, first, block, sink);
  }
  convolve_rest<Isa, Isa::kPixels - 1, kBlocks>(shape, strip, weights, first, block, sink);
}

/// What table.h wants of an instruction set, for those that count.
template <class Isa>
struct CountedConvolution {
  static constexpr int kStripPixels = Strip::kSize;
  static constexpr std::nullptr_t kPixelLanes = nullptr;

  static std::size_t weight_words(const ConvolutionShape& shape) {
    return static_cast<std::size_t>(shape.filter_blocks() * block_words(shape));
  }
  static void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                              std::uint64_t* words) {
    std::memset(words, 0, weight_words(shape) * sizeof *words);
    for (int filter = 0; filter < shape.filters; ++filter) {
      std::uint64_t* to = words + filter / kLanes * block_words(shape) + filter % kLanes;
      for (int word = 0; word < 2 * shape.window_pairs(); ++word) to[word * kLanes] = *pairs++;
    }
  }

  template <class Sink>
  static void convolve_strip(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                             const Sink& sink) {
    const int blocks = shape.filter_blocks();
    int block = 0;
    for (; block + Isa::kBlocks <= blocks; block += Isa::kBlocks) {
      convolve_blocks<Isa, Isa::kBlocks>(shape, strip, weights, block, sink);
    }
    for (; block < blocks; ++block) convolve_blocks<Isa, 1>(shape, strip, weights, block, sink);
  }
};

}  // namespace
}  // namespace tern::packed
