// The largest values of a max pool's windows, on every target.
#include <cmath>
#include <limits>
#include <vector>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tests/support/catch.h"

using namespace tern;

namespace {

constexpr int kPoolRows = 3, kPoolColumns = 2, kPoolStep = 41;
constexpr float kUntouched = 123.0F;

/// The window's rows, of pixels of kPoolStep channels.
struct PoolWindow {
  PoolWindow() : x(kPoolRows, std::vector<float>(std::size_t{kPoolColumns} * kPoolStep)) {
    for (int row = 0; row < kPoolRows; ++row) {
      for (int i = 0; i < kPoolColumns * kPoolStep; ++i)
        at(row, i) = static_cast<float>((row * 31 + i * 7) % 23 - 11);
    }
    for (int c = 0; c < kPoolStep; c += 5) at(c % kPoolRows, c) = std::numeric_limits<float>::quiet_NaN();
  }
  float& at(int row, int i) { return x[static_cast<std::size_t>(row)][static_cast<std::size_t>(i)]; }
  float expected(int channel, float best) const {
    for (const std::vector<float>& row : x) {
      for (int column = 0; column < kPoolColumns; ++column) {
        const float value = row[static_cast<std::size_t>(column * kPoolStep + channel)];
        if (std::isnan(value) || value > best) best = value;
      }
    }
    return best;
  }

  std::vector<std::vector<float>> x;
};

void check_largest(const floats::Kernels& kernels, int channels, bool first) {
  const PoolWindow data;
  const float* rows[kPoolRows] = {data.x[0].data(), data.x[1].data(), data.x[2].data()};
  const float before = 5;  // above some windows
  std::vector<float> y(kPoolStep + 1, kUntouched);
  if (!first) std::fill_n(y.begin(), channels, before);
  kernels.largest(rows, kPoolRows, kPoolColumns, kPoolStep, channels, first, y.data());
  for (int c = 0; c <= kPoolStep; ++c) {
    const float expected = c < channels
                               ? data.expected(c, first ? -std::numeric_limits<float>::infinity() : before)
                               : kUntouched;
    const float got = y[static_cast<std::size_t>(c)];
    INFO(channels << " channels, number " << c << ": " << got << ", not " << expected);
    REQUIRE((std::isnan(expected) ? std::isnan(got) : got == expected));
  }
}

}  // namespace

TEST_CASE("largest: every target gives a window's largest values, and a NaN where there is one") {
  for (const packed::Kernels* target : packed::available_kernels()) {
    INFO(target->name);
    for (const int channels : {1, 7, 8, 16, 19, 32, 41}) {
      check_largest(floats::kernels_for(target->name), channels, true);
      check_largest(floats::kernels_for(target->name), channels, false);
    }
  }
}
