#include "tern/kernels/cpu/packed/lookup.h"

#include <algorithm>
#include <cstring>

namespace tern::packed {
namespace {

constexpr std::uint8_t kZeroWeights = 4;  // the case of two weights of 0

/// The value of a sign bit and a mask bit.
constexpr int ternary(unsigned bits) {
  return (bits & 2U) == 0 ? 0 : (bits & 1U) != 0 ? -1 : 1;
}

constexpr int weights_case(int first, int second) {
  return first + 1 + 3 * (second + 1);
}

constexpr LookupTables make_tables() {
  LookupTables tables{};
  for (unsigned x = 0; x < 256; ++x) {
    for (int first = -1; first <= 1; ++first) {
      for (int second = -1; second <= 1; ++second) {
        const int low = ternary(x) * first + ternary(x >> 4) * second + kBias,
                  high = ternary(x >> 2) * first + ternary(x >> 6) * second + kBias;
        tables.of[x][weights_case(first, second)] = static_cast<std::uint8_t>(low + 16 * high);
      }
    }
  }
  return tables;
}

/// The case of the weights of channels `channel` and `channel` + 4 of a pair of words.
std::uint8_t weights_case(const std::uint64_t* pair, int channel) {
  const auto value = [&](int c) {
    return ternary(static_cast<unsigned>((pair[0] >> c & 1U) | (pair[1] >> c & 1U) << 1));
  };
  return static_cast<std::uint8_t>(weights_case(value(channel), value(channel + 4)));
}

}  // namespace

constexpr LookupTables kLookupTables = make_tables();

int word_steps(const ConvolutionShape& shape, int word) {
  const int channels = shape.channels - word % shape.pairs() * kWordChannels;
  return channels >= kWordChannels ? kWordSteps : (channels + 7) / 8 * 4;
}

Span lookup_span(const ConvolutionShape& shape, int first_word) {
  Span span{first_word, std::min(first_word + kSpanWords, shape.window_pairs()), 0};
  for (int word = span.first; word < span.last; ++word) span.steps += word_steps(shape, word);
  span.steps = (span.steps + kGroup - 1) / kGroup * kGroup;
  return span;
}

int lookup_steps(const ConvolutionShape& shape) {
  int steps = 0;
  for (int word = 0; word < shape.window_pairs(); word += kSpanWords) steps += lookup_span(shape, word).steps;
  return steps;
}

std::size_t lookup_weight_words(const ConvolutionShape& shape) {
  const int vectors = (shape.filters + kVector - 1) / kVector;
  return static_cast<std::size_t>(vectors) * static_cast<std::size_t>(lookup_steps(shape)) * kVector / 8;
}

void arrange_lookup_weights(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words) {
  constexpr int kFirstChannels[4] = {0, 2, 1, 3};  // in this order do avx2.cpp's activations come
  const std::ptrdiff_t block = std::ptrdiff_t{lookup_steps(shape)} * kVector;
  std::memset(words, kZeroWeights, lookup_weight_words(shape) * sizeof *words);
  for (int filter = 0; filter < shape.filters; ++filter) {
    constexpr int kSideBySide = kVector / 2;
    std::uint8_t* to = reinterpret_cast<std::uint8_t*>(words) + filter / kVector * block +
                       filter % kSideBySide * 2 + filter % kVector / kSideBySide;
    for (int first = 0; first < shape.window_pairs(); first += kSpanWords) {
      const Span span = lookup_span(shape, first);
      std::uint8_t* step = to;
      for (int word = span.first; word < span.last; ++word, pairs += 2) {
        const int steps = word_steps(shape, word);
        for (int i = 0; i < steps; ++i, step += kVector) {
          step[0] = weights_case(pairs, i / 4 * 8 + kFirstChannels[i % 4]);
        }
      }
      to += std::ptrdiff_t{span.steps} * kVector;
    }
  }
}

}  // namespace tern::packed
