#include "tern/kernels/threshold_activation.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/kernels/ternary_activation.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"
#include "tests/support/thread_count.h"

using namespace tern;

TEST_CASE("threshold_activation: a worked example") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({7, 1}, {-3, -2, -1, 0, 0.2F, 0.25F, 0.75F}).to(device);
  const Tensor low = Tensor::from<float>({1}, {-1}).to(device);
  const Tensor high = Tensor::from<float>({1}, {0.25F}).to(device);
  CHECK(kernels::threshold_activation(x, low, high).to_vector<std::int8_t>() ==
        std::vector<std::int8_t>{-1, -1, 0, 0, 0, 1, 1});
  // f goes through (-2, -1), (0, 0) and (1/2, 1).
  const auto g = kernels::threshold_activation_backward(Tensor::full({7, 1}, 1).to(device), x, low, high);
  CHECK(g.dx.to_vector<float>() == std::vector<float>{0, 0.5F, 0.5F, 2, 2, 2, 0});
  CHECK(test::difference(g.dlow, {(-2.0 - 1) / 2}, 1e-6) == "");
  CHECK(test::difference(g.dhigh, {-(0.2 + 0.25) * 8}, 1e-6) == "");
}

TEST_CASE("threshold_activation: with -0.5 and 0.5 it is the ternary activation, gradient included") {
  const Device device = test::each_device();
  Tensor values = test::random_tensor({50, 5}, 1, -2, 2);
  const float edges[] = {-1, 1, -0.5F, 0.5F, 0, std::nextafter(1.0F, 2.0F), std::nextafter(-0.5F, -1.0F)};
  std::copy(std::begin(edges), std::end(edges), values.data<float>());
  const Tensor x = values.to(device), dy = test::random_tensor({50, 5}, 2).to(device);
  const Tensor low = Tensor::full({5}, -0.5F).to(device), high = Tensor::full({5}, 0.5F).to(device);
  const auto expected = kernels::ternary_activation(x);
  CHECK(test::bit_difference(kernels::threshold_activation(x, low, high), expected.y) == "");
  CHECK(test::difference(kernels::threshold_activation_backward(dy, x, low, high).dx,
                         test::as_doubles(kernels::ternary_activation_backward(dy, expected.mask)),
                         0.0) == "");
}

TEST_CASE("threshold_activation: values and gradients follow their formulas around the tile size") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 16, 255, 300}) {
    for (const std::int64_t rows : {0, 1, 31, 200}) {
      CAPTURE(channels, rows);
      const Tensor x = test::random_tensor({rows, channels}, 1, -2, 2);
      const Tensor dy = test::random_tensor({rows, channels}, 2);
      const Tensor low = test::random_tensor({channels}, 3, -0.9F, -0.2F);
      const Tensor high = test::random_tensor({channels}, 4, 0.2F, 0.9F);
      std::vector<double> y, dx, dlow(static_cast<std::size_t>(channels)), dhigh(dlow.size());
      for (std::int64_t i = 0; i < x.numel(); ++i) {
        const auto c = static_cast<std::size_t>(i % channels);
        const double v = x.data<float>()[i], g = dy.data<float>()[i], l = low.data<float>()[c],
                     h = high.data<float>()[c];
        y.push_back((v >= h) - (v < l));
        dx.push_back(v >= 0 ? (v <= 2 * h ? g / (2 * h) : 0) : (v >= 2 * l ? -g / (2 * l) : 0));
        if (v >= 0 && v <= 2 * h) dhigh[c] -= g * v / (2 * h * h);
        if (v < 0 && v >= 2 * l) dlow[c] += g * v / (2 * l * l);
      }
      CHECK(test::difference(kernels::threshold_activation(x.to(device), low.to(device), high.to(device)), y,
                             0.0) == "");
      const auto g = kernels::threshold_activation_backward(dy.to(device), x.to(device), low.to(device),
                                                            high.to(device));
      CHECK(test::difference(g.dx, dx, 1e-6) == "");
      // Sums of 200 terms below 5, in f32 for some rows, then in double.
      CHECK(test::difference(g.dlow, dlow, 1e-3) == "");
      CHECK(test::difference(g.dhigh, dhigh, 1e-3) == "");
    }
  }
}

TEST_CASE("threshold_activation: thresholds that have met are kept apart in the gradient alone") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({4, 1}, {-1, -0.05F, 0.05F, 1}).to(device);
  const Tensor low = Tensor::full({1}, 0.1F).to(device), high = Tensor::full({1}, -0.1F).to(device);
  CHECK(kernels::threshold_activation(x, low, high).to_vector<std::int8_t>() ==
        std::vector<std::int8_t>{-1, 0, 0, 1});
  const Tensor near_zero = Tensor::from<float>({2, 1}, {-0.001F, 0.001F}).to(device);
  const auto g =
      kernels::threshold_activation_backward(Tensor::full({2, 1}, 1).to(device), near_zero, low, high);
  CHECK(test::difference(g.dx, {500, 500}, 1e-3) == "");
}

TEST_CASE("threshold_activation: writes dx over dy only if nobody else holds it, any number of threads") {
  const Tensor x = test::random_tensor({5000, 16}, 1), low = Tensor::full({16}, -0.4F),
               high = Tensor::full({16}, 0.3F);
  const Tensor kept = test::random_tensor({5000, 16}, 2);
  Tensor given = kept.clone();
  const void* storage = given.raw();
  const test::ThreadCount one(1);
  const auto apart = kernels::threshold_activation_backward(kept, x, low, high);
  const test::ThreadCount three(3);
  const auto in_place = kernels::threshold_activation_backward(std::move(given), x, low, high);
  CHECK(test::bit_difference(kept, test::random_tensor({5000, 16}, 2)) == "");
  CHECK(in_place.dx.raw() == storage);
  CHECK(test::bit_difference(in_place.dx, apart.dx) == "");
  CHECK(test::bit_difference(in_place.dlow, apart.dlow) == "");
  CHECK(test::bit_difference(in_place.dhigh, apart.dhigh) == "");
}

TEST_CASE("threshold_activation: a NaN becomes 0 and shows in the gradients of its thresholds") {
  const Device device = test::each_device();
  const Tensor x = Tensor::full({1, 1}, std::nanf("")).to(device);
  const Tensor low = Tensor::full({1}, -0.5F).to(device), high = Tensor::full({1}, 0.5F).to(device);
  CHECK(kernels::threshold_activation(x, low, high).to_vector<std::int8_t>()[0] == 0);
  const auto g = kernels::threshold_activation_backward(Tensor::full({1, 1}, 1).to(device), x, low, high);
  CHECK(g.dx.item() == 0);
  CHECK(std::isnan(g.dhigh.item()));
}

TEST_CASE("threshold_activation: arguments that do not fit together are refused") {
  const Tensor x = Tensor::zeros({2, 3}), three = Tensor::zeros({3});
  CHECK_THROWS_WITH(kernels::threshold_activation(x, three, Tensor::zeros({2})),
                    Catch::Contains("high") && Catch::Contains("3 channels"));
  CHECK_THROWS_AS(kernels::threshold_activation(three, three, three), ShapeError);
  CHECK_THROWS_AS(kernels::threshold_activation_backward(Tensor::zeros({3, 3}), x, three, three), ShapeError);
}
