// The loops of the packed ternary convolution for an instruction set that looks sums up (lookup.h,
// triples.h).
//
// Such an `Isa` has
//   PixelPairs         the numbers of the tables for the pixels of a strip, two and two: choose_tables(span),
//                      tables(pair), count(); kPixels of a strip at most
//   Totals<n>          the sums of a strip and n vectors of filters, a StepTotals: add(pair, tables, weights,
//                      bytes from one vector of filters to the next, steps)
//   kVector, kChunk, kSpanWords   filters of a vector, steps that a byte holds, pairs of words of a span
//   span(shape, first word), window_steps(shape)
#pragma once

#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/kernels/cpu/packed/strip.h"

namespace tern::packed {
namespace {

/// Sums of a strip and kBlocks blocks of filters: in 16 bits, with kBias in every step, as long as they fit.
template <int kPixels, int kBlocks, int kBias>
class StepTotals {
 public:
  void begin_span(int steps) {
    if (steps_ + steps > kMaxSteps) carry();
    steps_ += steps;
  }

  /// The sums of a pixel and a block of 8 filters.
  Ints<kLanes> block(int pixel, int block) const {
    return __builtin_convertvector(sums_[pixel][block], Ints<kLanes>) - kBias * steps_ +
           (carried_ ? earlier_[pixel][block] : Ints<kLanes>{});
  }

 protected:
  using Words = typename VectorOf<std::uint16_t, kLanes>::Type;
  /// Of a pixel, one block after the other.
  Words (&sums(int pixel))[kBlocks] { return sums_[pixel]; }

 private:
  static constexpr int kMaxSteps = 65535 / (2 * kBias);

  void carry() {
    for (int pixel = 0; pixel < kPixels; ++pixel) {
      for (int i = 0; i < kBlocks; ++i) earlier_[pixel][i] = block(pixel, i);
    }
    std::memset(sums_, 0, sizeof sums_);
    steps_ = 0;
    carried_ = true;
  }

  alignas(32) Words sums_[kPixels][kBlocks] = {};
  int steps_ = 0;
  bool carried_ = false;
  Ints<kLanes> earlier_[kPixels][kBlocks];  // of steps that are in sums_ no more
};

/// What table.h wants of an instruction set, for those that look sums up.
template <class Isa>
struct LookedUpConvolution {
  template <class Sink>
  static void convolve_strip(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                             const Sink& sink) {
    typename Isa::PixelPairs pairs(shape, strip);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(weights);
    const int vectors = (shape.filters + Isa::kVector - 1) / Isa::kVector;
    int vector = 0;
    for (; vector + 4 <= vectors; vector += 4) convolve_vectors<4>(shape, strip, pairs, bytes, vector, sink);
    for (; vector + 2 <= vectors; vector += 2) convolve_vectors<2>(shape, strip, pairs, bytes, vector, sink);
    for (; vector < vectors; ++vector) convolve_vectors<1>(shape, strip, pairs, bytes, vector, sink);
  }

 private:
  /// kVectors vectors of filters from `vector` on.
  template <int kVectors, class Pairs, class Sink>
  static void convolve_vectors(const ConvolutionShape& shape, const Strip& strip, Pairs& pairs,
                               const std::uint8_t* weights, int vector, const Sink& sink) {
    const std::ptrdiff_t block_bytes = std::ptrdiff_t{Isa::window_steps(shape)} * Isa::kVector;
    weights += vector * block_bytes;
    typename Isa::template Totals<kVectors> totals;
    for (int word = 0; word < shape.window_pairs(); word += Isa::kSpanWords) {
      const auto span = Isa::span(shape, word);
      pairs.choose_tables(span);
      totals.begin_span(span.steps);
      for (int step = 0; step < span.steps; step += Isa::kChunk) {
        const int steps = span.steps - step < Isa::kChunk ? span.steps - step : Isa::kChunk;
        for (int pair = 0; pair < pairs.count(); ++pair) {
          totals.add(pair, pairs.tables(pair) + step, weights, block_bytes, steps);
        }
        weights += steps * Isa::kVector;
      }
    }
    constexpr int kBlocks = Isa::kVector / kLanes;
    const int first_block = vector * kBlocks, left = shape.filter_blocks() - first_block;
    for (int block = 0; block < kVectors * kBlocks && block < left; ++block) {
      int pixel = 0;
      for (; pixel + 4 <= strip.count; pixel += 4) give<4>(strip, pixel, first_block, block, totals, sink);
      for (; pixel < strip.count; ++pixel) give<1>(strip, pixel, first_block, block, totals, sink);
    }
  }

  /// Block `block` of the totals, whose first one is `first_block` of the filters.
  template <int kPixels, class AllTotals, class Sink>
  static void give(const Strip& strip, int pixel, int first_block, int block, const AllTotals& totals,
                   const Sink& sink) {
    Ints<kLanes> sums[kPixels];
    for (int p = 0; p < kPixels; ++p) sums[p] = totals.block(pixel + p, block);
    sink.template take<kPixels, 1>(strip, pixel, first_block + block, sums);
  }
};

}  // namespace
}  // namespace tern::packed
