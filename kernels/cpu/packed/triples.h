// The ternary convolution by look-ups of three channels, for an instruction set whose byte look-ups take
// tables of 32 bytes: lookup.h says how they work and what kBias and a nibble are.
//
// A step takes three channels of two output pixels and 16 filters. The six activations, 729 cases, select a
// table; the three weights of a filter, 27 cases, select a byte of it: one look-up is 96 multiplications.
//
//   weights   [blocks of 16 filters][steps][16]  bytes
//
// Eight channels of a pair of words make two steps of three channels each (first the even, then the odd
// ones); what is left of all of those, every fourth channel, is put together by threes in steps behind them
// (step_channel). The words under a window are taken in spans; a step of zeros fills up one that is of odd
// length.
#pragma once

#include <cstdint>

#include "tern/kernels/cpu/packed/convolution_shape.h"

namespace tern::packed::triples {

inline constexpr int kChannels = 3;  // of a step
/// How many steps may be added up before nibbles, then bytes, overflow: 2 * 6 < 16, 42 * 6 < 256.
inline constexpr int kGroup = 2, kChunk = 42;
inline constexpr int kBias = 3;
inline constexpr int kVector = 16;     // filters
inline constexpr int kSpanWords = 72;  // pairs of words; their sums fit 16 bits. 3x3x512 are one span.
inline constexpr int kCases =
    27;  // of three ternary values: their digits v + 1 to base 3, the first one lowest
inline constexpr int kZeros = 13;  // the case of three zeros

/// The bytes for all activations; number a + 27 b is that of case a of the first pixel, b of the second.
struct Tables {
  alignas(64) std::uint8_t of[kCases * kCases][32];
};
extern const Tables kTables;

/// The case of three activations by their bits: sign and mask of the first one are the lowest.
struct ActivationCases {
  std::uint8_t of[64];
};
extern const ActivationCases kActivationCases;

/// The steps of pair of words `word` of a window.
struct WordSteps {
  WordSteps(const ConvolutionShape& shape, int word);

  int count() const { return whole + rest; }

  int whole;  // of channels of the same eight
  int rest;   // of what they leave
};

/// Channel `i` of step `step` of a pair of words; -1 if it has none there.
int step_channel(const WordSteps& steps, int step, int i);

/// Pairs of words [first, last) of a window.
struct Span {
  Span(const ConvolutionShape& shape, int first_word);

  int first, last;
  int steps;  // with the one that fills it up
};

/// Steps of all spans of a window.
int window_steps(const ConvolutionShape& shape);

std::size_t weight_words(const ConvolutionShape& shape);
/// Of weights as packed pairs of words (filters, kernel_height, kernel_width, pairs, 2).
void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words);

}  // namespace tern::packed::triples
