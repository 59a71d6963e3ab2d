// The float layers' sums on every target, to the bit.
#include <random>
#include <vector>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tests/support/catch.h"

using namespace tern;
using floats::Windows;

namespace {

struct Problem {
  int count, filters, rows, row_values, step;
};

constexpr float kGuard = 123.0F;

std::vector<float> random_floats(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

struct Data {
  explicit Data(const Problem& p)
      : row_floats(p.step * (p.count - 1) + p.row_values + 3),
        x(random_floats(static_cast<std::size_t>(row_floats) * static_cast<std::size_t>(p.rows), 1)),
        weights(random_floats(static_cast<std::size_t>(p.filters * p.rows * p.row_values), 2)),
        bias(random_floats(static_cast<std::size_t>(floats::padded_channels(p.filters)), 3)) {}

  std::ptrdiff_t row_floats;
  std::vector<float> x, weights, bias;
};

// As Kernels::windows defines it. Products and sums of floats are rounded one by one (-ffp-contract=off).
float sum_of(const Problem& p, const Data& data, int window, int filter) {
  const int taps = p.rows * p.row_values;
  float sum = 0;
  for (int row = 0; row < p.rows; ++row) {
    for (int i = 0; i < p.row_values; ++i) {
      sum += data.weights[static_cast<std::size_t>(filter * taps + row * p.row_values + i)] *
             data.x[static_cast<std::size_t>(row * data.row_floats + window * p.step + i)];
    }
  }
  return sum + data.bias[static_cast<std::size_t>(filter)];
}

void check(const floats::Kernels& kernels, const Problem& p) {
  const Data data(p);
  const std::vector<float> weights =
      floats::arrange_filters(data.weights.data(), p.filters, p.rows * p.row_values);
  const int y_step = p.filters + 2;  // what lies between is left alone
  std::vector<float> y(static_cast<std::size_t>(p.count * y_step), kGuard);
  kernels.windows({data.x.data(), data.row_floats, p.step, p.rows, p.row_values}, p.count, weights.data(),
                  data.bias.data(), p.filters, y.data(), y_step);
  for (int window = 0; window < p.count; ++window) {
    for (int f = 0; f < y_step; ++f) {
      const float expected = f < p.filters ? sum_of(p, data, window, f) : kGuard;
      const float got = y[static_cast<std::size_t>(window * y_step + f)];
      if (got != expected)
        FAIL("window " << window << ", filter " << f << ": " << got << ", not " << expected);
    }
  }
}

}  // namespace

TEST_CASE("window sums: every target gives the bits of plain loops") {
  for (const packed::Kernels* target : packed::available_kernels()) {
    const floats::Kernels& kernels = floats::kernels_for(target->name);
    for (const int count : {1, 2, 5, 6, 7, 13, 14, 15, 31}) {
      for (const int filters : {1, 15, 16, 17, 32, 40, 64, 128, 145}) {
        INFO(target->name << ": " << count << " windows, " << filters << " filters");
        check(kernels, {count, filters, 3, 9, 6});
      }
    }
    check(kernels, {55, 96, 11, 33, 12});  // AlexNet's first layer
    check(kernels, {1, 300, 1, 100, 0});   // linear
    check(kernels, {4, 20, 1, 1, 1});
  }
}
