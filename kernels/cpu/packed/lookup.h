// The ternary convolution by table look-up, for instruction sets that look bytes up by the vector and cannot
// count bits by the vector.
//
// A step takes two channels of two output pixels and 32 filters. The four activations, 81 cases, select a
// table of 16 bytes; the two weights of a filter, 9 cases, select a byte of it. That byte holds the sums of
// products of both pixels, each plus kBias, in a nibble of its own: one look-up is 128 multiplications.
//
//   weights   [blocks of 32 filters][steps][32]  bytes
//
// Byte 2 i of a vector is filter i of its block, byte 2 i + 1 filter i + 16, so that widening to 16 bits is a
// mask and a shift. Behind the last filter weights are 0.
//
// Channels 8 b to 8 b + 7 make four steps. The words under a window are taken in spans; zeros fill up the
// steps of a span to a multiple of kGroup.
#pragma once

#include <cstdint>

#include "tern/kernels/cpu/packed/convolution_shape.h"

namespace tern::packed {

/// How many steps may be added up before nibbles, then bytes, overflow: 3 * 4 < 16, 63 * 4 < 256.
inline constexpr int kGroup = 3, kChunk = 63;
inline constexpr int kBias = 2;
inline constexpr int kVector = 32;     // filters
inline constexpr int kSpanWords = 72;  // pairs of words; their sums fit 16 bits. 3x3x512 are one span.
inline constexpr int kWordSteps = kWordChannels / 2;

/// The bytes for all activations: bits 0 and 1 of the number of a table are sign and mask of the first
/// pixel's first channel, then those of the second pixel's; bits 4 to 7 are those of the second channel.
struct LookupTables {
  alignas(64) std::uint8_t of[256][16];
};
extern const LookupTables kLookupTables;

/// Pairs of words [first, last) of a window.
struct Span {
  int first, last;
  int steps;  // with those that fill it up
};

/// Steps of pair of words `word` of a window.
int word_steps(const ConvolutionShape& shape, int word);
Span lookup_span(const ConvolutionShape& shape, int first_word);
/// Steps of all spans of a window.
int lookup_steps(const ConvolutionShape& shape);

std::size_t lookup_weight_words(const ConvolutionShape& shape);
/// Of weights as packed pairs of words (filters, kernel_height, kernel_width, pairs, 2).
void arrange_lookup_weights(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words);

}  // namespace tern::packed
