#include "tern/kernels/cpu/packed/thresholds.h"

#include <cmath>
#include <limits>

#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/kernels/common/ternarise.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tests/kernels/cpu/packed/random_convolution.h"
#include "tests/support/catch.h"

using namespace tern;

namespace {

struct Terms {
  float mean, gain, beta;
};

std::int8_t unfused(float y, const Terms& terms, bool binary) {
  const float t = kernels::normalised(kernels::centred(y, 1.0F, terms.mean), terms.gain, terms.beta);
  if (binary) return t < 0 ? std::int8_t{-1} : std::int8_t{1};
  return kernels::ternarise(t);
}

/// The value of y as each instruction set packs it: the pixel of a 1x1 image with one channel.
std::int8_t packed_value(const packed::Kernels& kernels, float y, const packed::ThresholdTable& table) {
  std::uint64_t words[2] = {};
  kernels.ternarise(&y, 1, 1, 0, 1, {table.view(), words, 0});
  REQUIRE((words[0] & ~words[1]) == 0);
  REQUIRE(words[1] <= 1);
  return static_cast<std::int8_t>(words[1] - 2 * words[0]);
}

void check(float y, const Terms& terms, const packed::ThresholdTable& table, bool binary) {
  for (const packed::Kernels* kernels : packed::available_kernels()) {
    INFO(kernels->name << ": y " << y << ", mean " << terms.mean << ", gain " << terms.gain << ", beta "
                       << terms.beta);
    REQUIRE(packed_value(*kernels, y, table) == unfused(y, terms, binary));
  }
}

/// x and the floats next to it, two on either side.
std::vector<float> around(float x) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> floats = {x};
  float below = x, above = x;
  for (int i = 0; i < 2; ++i) {
    below = std::nextafter(below, -infinity);
    above = std::nextafter(above, infinity);
    floats.insert(floats.end(), {below, above});
  }
  return floats;
}

void check_everywhere(const Terms& terms, bool binary) {
  const packed::ThresholdTable table(&terms.mean, &terms.gain, &terms.beta, 1,
                                     binary ? packed::kBinaryCuts : packed::kTernaryCuts);
  const packed::Thresholds thresholds = table.view();
  for (const float place : {thresholds.low[0], thresholds.high[0], terms.mean, 0.0F, -0.0F, 0.5F, -0.5F,
                            3e38F, -3e38F, std::numeric_limits<float>::denorm_min()}) {
    for (const float y : around(place)) {
      if (std::isfinite(y)) check(y, terms, table, binary);
    }
  }
}

void check_everywhere(const Terms& terms) {
  for (const bool binary : {false, true}) check_everywhere(terms, binary);
}

}  // namespace

TEST_CASE("packed thresholds: ties at +-0.5, with gains of either sign") {
  for (const float gain : {1.0F, -1.0F, 0.5F, -0.25F, 3.0F}) {
    for (const float beta : {0.0F, 0.5F, -0.5F, 0.25F}) {
      for (const float mean : {0.0F, 1.0F, -0.75F}) check_everywhere({mean, gain, beta});
    }
  }
}

TEST_CASE("packed thresholds: a gain of zero makes a constant") {
  for (const float gain : {0.0F, -0.0F}) {
    for (const float beta : around(0.5F)) check_everywhere({2.0F, gain, beta});
    for (const float beta : around(-0.5F)) check_everywhere({2.0F, gain, beta});
    check_everywhere({2.0F, gain, 0.0F});
  }
}

TEST_CASE("packed thresholds: random terms of any magnitude decide every float as the formulas do") {
  test::Generator random(7);
  const auto any = [&](int exponent) {
    const float magnitude = std::ldexp(static_cast<float>(test::between(random, 1, 1 << 24)), exponent - 24);
    return random() % 2 == 0 ? magnitude : -magnitude;
  };
  for (int i = 0; i < 2000; ++i) {
    // Up to where t cannot overflow into a difference of infinities, subnormal numbers included.
    check_everywhere({any(test::between(random, -148, 120)), any(test::between(random, -148, 120)),
                      any(test::between(random, -148, 120))});
    check_everywhere({any(test::between(random, -3, 3)), any(test::between(random, -8, 3)),
                      any(test::between(random, -3, 2))});
  }
}
