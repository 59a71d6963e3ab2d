#include "tern/core/random.h"

#include <cmath>
#include <vector>

#include "tests/support/catch.h"

using tern::philox4x32;
using tern::Random;
using tern::RandomPurpose;

namespace {

using Block = std::array<std::uint32_t, 4>;

struct Moments {
  double mean;
  double variance;
};

template <class Draw>
Moments moments(int count, const Draw& draw) {
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    const double value = draw();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

std::vector<std::uint32_t> draw_bits(Random random, int count) {
  std::vector<std::uint32_t> values;
  for (int i = 0; i < count; ++i) values.push_back(random.bits());
  return values;
}

}  // namespace

TEST_CASE("random: philox4x32-10 gives the known answers published with Random123") {
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(philox4x32({ones, ones, ones, ones}, {ones, ones}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("random: a stream is the blocks of its counter, one after the other") {
  const std::uint64_t seed = 0x299f31d0a4093822;
  Random random(seed, RandomPurpose::digits, 7, 9);
  for (std::uint32_t block = 0; block < 3; ++block) {
    const Block expected = philox4x32({block, 9, 7, 4}, {0xa4093822, 0x299f31d0});
    for (const std::uint32_t word : expected) CHECK(random.bits() == word);
  }
}

TEST_CASE("random: streams differ in every part of their name") {
  const auto reference = draw_bits(Random(1, RandomPurpose::test, 2, 3), 8);
  CHECK(draw_bits(Random(1, RandomPurpose::test, 2, 3), 8) == reference);
  CHECK(draw_bits(Random(5, RandomPurpose::test, 2, 3), 8) != reference);
  CHECK(draw_bits(Random(1 + (std::uint64_t{1} << 32), RandomPurpose::test, 2, 3), 8) != reference);
  CHECK(draw_bits(Random(1, RandomPurpose::augment, 2, 3), 8) != reference);
  CHECK(draw_bits(Random(1, RandomPurpose::test, 3, 3), 8) != reference);
  CHECK(draw_bits(Random(1, RandomPurpose::test, 2, 4), 8) != reference);
}

TEST_CASE("random: streams do not depend on the order in which they are consumed") {
  Random a(1, RandomPurpose::test, 0, 0), b(1, RandomPurpose::test, 0, 1);
  std::vector<std::uint32_t> from_a, from_b;
  for (int i = 0; i < 20; ++i) {
    from_b.push_back(b.bits());
    if (i % 3 != 0) from_a.push_back(a.bits());
  }
  CHECK(from_a == draw_bits(Random(1, RandomPurpose::test, 0, 0), static_cast<int>(from_a.size())));
  CHECK(from_b == draw_bits(Random(1, RandomPurpose::test, 0, 1), static_cast<int>(from_b.size())));
}

// The bounds below are five standard errors of n independent draws: the mean's is sqrt(variance / n), the
// variance's sqrt((kurtosis - 1) / n) * variance. Kurtosis: 1.8 for uniform, 3 for normal.

TEST_CASE("random: uniform is within its range, with the right mean and variance") {
  constexpr int kCount = 200000;
  Random random(3, RandomPurpose::test);
  double lowest = 1, highest = 0;
  const Moments measured = moments(kCount, [&] {
    const double value = random.uniform();
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
    return value;
  });
  CHECK(lowest >= 0);
  CHECK(lowest < 1e-4);
  CHECK(highest < 1);
  CHECK(highest > 1 - 1e-4);
  CHECK(std::abs(measured.mean - 0.5) < 5 * std::sqrt(1.0 / 12 / kCount));
  CHECK(std::abs(measured.variance - 1.0 / 12) < 5 * std::sqrt(0.8 / kCount) / 12);
}

TEST_CASE("random: uniform between bounds is scaled and shifted") {
  Random random(4, RandomPurpose::test), same(4, RandomPurpose::test);
  for (int i = 0; i < 100; ++i) CHECK(random.uniform(-3, 5) == -3 + 8 * same.uniform());
}

TEST_CASE("random: normal has the asked mean, variance and tails") {
  constexpr int kCount = 200000;
  Random random(5, RandomPurpose::test);
  int beyond_two = 0;
  const Moments measured = moments(kCount, [&] {
    const double value = random.normal(3, 2);
    beyond_two += std::abs(value - 3) > 4 ? 1 : 0;
    return value;
  });
  CHECK(std::abs(measured.mean - 3) < 5 * 2 / std::sqrt(kCount));
  CHECK(std::abs(measured.variance - 4) < 5 * std::sqrt(2.0 / kCount) * 4);
  const double expected = std::erfc(std::sqrt(2.0)) * kCount;  // beyond two standard deviations
  CHECK(std::abs(beyond_two - expected) < 5 * std::sqrt(expected));
}

TEST_CASE("random: below is in range and equally likely") {
  constexpr int kCount = 70000;
  Random random(6, RandomPurpose::test);
  std::vector<int> count(7, 0);
  for (int i = 0; i < kCount; ++i) ++count.at(random.below(7));
  double chi_squared = 0;
  for (const int observed : count) chi_squared += std::pow(observed - kCount / 7.0, 2) / (kCount / 7.0);
  CHECK(chi_squared < 27.9);  // exceeded with probability 1e-4 at 6 degrees of freedom
  for (int i = 0; i < 10; ++i) CHECK(random.below(1) == 0);
}

TEST_CASE("random: below has no modulo bias for a large bound") {
  // Bits modulo 3 * 2^30 would fall into the lowest third twice as often as they should.
  constexpr int kCount = 30000;
  constexpr std::uint32_t kThird = std::uint32_t{1} << 30;
  Random random(7, RandomPurpose::test);
  std::vector<int> count(3, 0);
  for (int i = 0; i < kCount; ++i) ++count.at(random.below(3 * kThird) / kThird);
  for (const int observed : count) CHECK(std::abs(observed - kCount / 3) < 5 * std::sqrt(kCount * 2.0 / 9));
}
