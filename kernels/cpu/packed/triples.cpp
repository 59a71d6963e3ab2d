#include "tern/kernels/cpu/packed/triples.h"

#include <algorithm>
#include <cstring>

namespace tern::packed::triples {
namespace {

constexpr int kPowers[kChannels] = {1, 3, 9};

/// Value `i` of a case.
constexpr int value(int number, int i) {
  return number / kPowers[i] % 3 - 1;
}

/// The sum of products of a case of activations and one of weights.
constexpr int product(int x, int w) {
  int sum = 0;
  for (int i = 0; i < kChannels; ++i) sum += value(x, i) * value(w, i);
  return sum;
}

constexpr Tables make_tables() {
  Tables tables{};
  for (int x = 0; x < kCases * kCases; ++x) {
    for (int w = 0; w < kCases; ++w) {
      const int low = product(x % kCases, w) + kBias, high = product(x / kCases, w) + kBias;
      tables.of[x][w] = static_cast<std::uint8_t>(low + 16 * high);
    }
  }
  return tables;
}

/// The value of a sign bit and a mask bit above it.
constexpr int ternary(unsigned bits) {
  return (bits & 2U) == 0 ? 0 : (bits & 1U) != 0 ? -1 : 1;
}

constexpr ActivationCases make_activation_cases() {
  ActivationCases cases{};
  for (unsigned bits = 0; bits < 64; ++bits) {
    int number = kZeros;
    for (unsigned i = 0; i < kChannels; ++i) number += kPowers[i] * ternary(bits >> 2 * i);
    cases.of[bits] = static_cast<std::uint8_t>(number);
  }
  return cases;
}

std::uint8_t weights_case(const std::uint64_t* pair, const WordSteps& steps, int step) {
  int number = kZeros;
  for (int i = 0; i < kChannels; ++i) {
    const int channel = step_channel(steps, step, i);
    if (channel < 0) continue;
    const auto bits = (pair[0] >> channel & 1U) | (pair[1] >> channel & 1U) << 1;
    number += kPowers[i] * ternary(static_cast<unsigned>(bits));
  }
  return static_cast<std::uint8_t>(number);
}

}  // namespace

constexpr Tables kTables = make_tables();
constexpr ActivationCases kActivationCases = make_activation_cases();

WordSteps::WordSteps(const ConvolutionShape& shape, int word) {
  const int channels = std::min(shape.channels - word % shape.pairs() * kWordChannels, kWordChannels);
  whole = (channels + 7) / 8 * 2;
  rest = (whole + kChannels - 1) / kChannels;
}

int step_channel(const WordSteps& steps, int step, int i) {
  if (step < steps.whole) return step / 2 * 8 + step % 2 + 2 * i;
  const int left_by = step - steps.whole + i * steps.rest;
  return left_by < steps.whole ? left_by / 2 * 8 + left_by % 2 + 6 : -1;
}

Span::Span(const ConvolutionShape& shape, int first_word)
    : first(first_word), last(std::min(first_word + kSpanWords, shape.window_pairs())), steps(0) {
  for (int word = first; word < last; ++word) steps += WordSteps(shape, word).count();
  steps = (steps + kGroup - 1) / kGroup * kGroup;
}

int window_steps(const ConvolutionShape& shape) {
  int steps = 0;
  for (int word = 0; word < shape.window_pairs(); word += kSpanWords) steps += Span(shape, word).steps;
  return steps;
}

std::size_t weight_words(const ConvolutionShape& shape) {
  const int vectors = (shape.filters + kVector - 1) / kVector;
  return static_cast<std::size_t>(vectors) * static_cast<std::size_t>(window_steps(shape)) * kVector / 8;
}

void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words) {
  const std::ptrdiff_t block = std::ptrdiff_t{window_steps(shape)} * kVector;
  std::memset(words, kZeros, weight_words(shape) * sizeof *words);
  for (int filter = 0; filter < shape.filters; ++filter) {
    std::uint8_t* to = reinterpret_cast<std::uint8_t*>(words) + filter / kVector * block + filter % kVector;
    for (int first = 0; first < shape.window_pairs(); first += kSpanWords) {
      const Span span(shape, first);
      std::uint8_t* byte = to;
      for (int word = span.first; word < span.last; ++word, pairs += 2) {
        const WordSteps steps(shape, word);
        for (int step = 0; step < steps.count(); ++step, byte += kVector)
          *byte = weights_case(pairs, steps, step);
      }
      to += std::ptrdiff_t{span.steps} * kVector;
    }
  }
}

}  // namespace tern::packed::triples
