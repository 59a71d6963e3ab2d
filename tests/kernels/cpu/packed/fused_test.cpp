#include <cmath>
#include <cstring>

#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/ternarise.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/kernels/cpu/packed/weights.h"
#include "tests/kernels/cpu/packed/random_convolution.h"
#include "tests/reference/ternary_convolution.h"
#include "tests/support/catch.h"

using namespace tern;
using packed::ConvolutionShape;

namespace {

using Floats = std::vector<float>;

/// Multiples of 1/8 in [-2, 2]: sums and products of them often meet a threshold exactly.
Floats random_eighths(test::Generator& random, std::size_t count) {
  Floats values(count);
  for (float& value : values) value = static_cast<float>(test::between(random, -16, 16)) / 8;
  return values;
}

/// Random terms of a convolution's epilogue and of the batch norm behind it, padded as the kernels read them.
struct RandomTerms {
  RandomTerms(test::Generator& random, int filters) : channels(filters) {
    const auto padded = static_cast<std::size_t>((filters + 7) / 8 * 8);
    for (Floats* terms : {&scale, &mean, &gain, &beta, &slope, &next_mean, &next_gain, &next_beta}) {
      *terms = random_eighths(random, padded);
    }
    for (float& value : scale) value = std::ldexp(value, -test::between(random, 0, 8));
    // One channel without any rounding grid, so that sums are not exact.
    for (std::size_t c = 0; c < padded; c += 3) gain[c] *= 0.7F, next_gain[c] *= 1.1F;
  }

  packed::Epilogue epilogue() const {
    return {scale.data(), mean.data(), gain.data(), beta.data(), slope.data()};
  }
  packed::ThresholdTable thresholds() const {
    return {next_mean.data(), next_gain.data(), next_beta.data(), channels};
  }
  float stream(std::int32_t z, float shortcut, std::size_t c) const {
    const float centred = kernels::centred(static_cast<float>(z), scale[c], mean[c]);
    return kernels::prelu_value(kernels::normalised(centred, gain[c], beta[c]) + shortcut, slope[c]);
  }
  std::int8_t ternary(float y, std::size_t c) const {
    return kernels::ternarise(
        kernels::normalised(kernels::centred(y, 1.0F, next_mean[c]), next_gain[c], next_beta[c]));
  }

  int channels;
  Floats scale, mean, gain, beta, slope, next_mean, next_gain, next_beta;
};

/// What the unfused formulas give for every element.
struct Expected {
  Expected(const std::vector<std::int32_t>& z, const Floats& shortcut, const RandomTerms& terms) {
    for (std::size_t i = 0; i < z.size(); ++i) {
      const std::size_t channel = i % static_cast<std::size_t>(terms.channels);
      y.push_back(terms.stream(z[i], shortcut[i], channel));
      ternary.push_back(terms.ternary(y.back(), channel));
    }
  }
  Floats y;
  std::vector<std::int8_t> ternary;
};

bool equal_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Fused with its epilogue and the next layer's activation, all kernels give the bits of the formulas one by
/// one.
void check_fused(const test::RandomConvolution& problem, std::uint32_t seed) {
  const ConvolutionShape& shape = problem.shape;
  const std::vector<std::int32_t> z = reference::ternary_convolution(shape, problem.x, problem.weights);
  test::Generator random(seed);
  const RandomTerms terms(random, shape.filters);
  const Floats shortcut = random_eighths(random, z.size());
  const Expected expected(z, shortcut, terms);
  const auto x = test::pack_with_border(problem.x, shape.height, shape.width, shape.channels, shape.border);
  const packed::ThresholdTable thresholds = terms.thresholds();
  const int height = shape.output_height(), width = shape.output_width(), border = static_cast<int>(seed % 3),
            middle = static_cast<int>(seed) % (height + 1);
  const auto expected_words = test::pack_with_border(expected.ternary, height, width, shape.filters, border);
  for (const packed::Kernels* kernels : packed::available_kernels()) {
    const packed::ArrangedWeights weights = packed::arrange_weights(*kernels, shape, problem.weights.data());
    INFO(kernels->name << ", problem " << seed << ": " << problem.text());
    test::Guarded<float> y(z.size(), 0, 1234);
    std::copy(shortcut.begin(), shortcut.end(), y.data());
    test::Guarded<std::uint64_t> words(expected_words.values().size(), 0, 1234);
    const packed::PackedOutput next{thresholds.view(), words.data(), border};
    const auto run = [&](int first, int last) {
      kernels->convolve_fused(shape, x.data(), weights.data(), terms.epilogue(), y.data(), first, last,
                              y.data(), next);
    };
    run(middle, height);
    run(0, middle);
    REQUIRE(equal_bits(y.values(), expected.y));
    REQUIRE(words.values() == expected_words.values());
    REQUIRE((y.intact() && words.intact()));

    test::Guarded<std::uint64_t> again(expected_words.values().size(), 0, 1234);
    kernels->ternarise(y.data(), width, shape.filters, 0, height, {thresholds.view(), again.data(), border});
    REQUIRE(again.values() == expected_words.values());
    REQUIRE(again.intact());
  }
}

}  // namespace

TEST_CASE("packed convolution: fused with its epilogue, equal to the bit to the formulas one by one") {
  for (std::uint32_t seed = 0; seed < 1400; ++seed) {
    check_fused(test::RandomConvolution(seed, seed < 1000 ? 1 : 2), seed);
  }
}

TEST_CASE("packed convolution: fused, of maps that fill vectors of pixels") {
  ConvolutionShape shape;
  shape.kernel_height = shape.kernel_width = 3;
  shape.padding_height = shape.padding_width = shape.border = 1;
  std::uint32_t seed = 0;
  for (const int side : {16, 20, 32, 61}) {
    for (const int filters : {8, 16, 21, 24, 75}) {
      shape.height = shape.width = side, shape.channels = 9, shape.filters = filters;
      check_fused(test::RandomConvolution(shape, seed), seed);
      ++seed;
    }
  }
}

TEST_CASE("packed convolution: without a next layer only the stream is written") {
  const test::RandomConvolution problem(1);
  const ConvolutionShape& shape = problem.shape;
  const std::vector<std::int32_t> z = reference::ternary_convolution(shape, problem.x, problem.weights);
  test::Generator random(1);
  const RandomTerms terms(random, shape.filters);
  const Floats shortcut = random_eighths(random, z.size());
  const auto x = test::pack_with_border(problem.x, shape.height, shape.width, shape.channels, shape.border);
  for (const packed::Kernels* kernels : packed::available_kernels()) {
    const packed::ArrangedWeights weights = packed::arrange_weights(*kernels, shape, problem.weights.data());
    Floats y(z.size());
    kernels->convolve_fused(shape, x.data(), weights.data(), terms.epilogue(), shortcut.data(), 0,
                            shape.output_height(), y.data(), {{}, nullptr, 0});
    CHECK(equal_bits(y, Expected(z, shortcut, terms).y));
  }
}
