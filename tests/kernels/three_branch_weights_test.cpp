#include "tern/kernels/three_branch_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::ThreeBranches;
using kernels::WeightGradientRule;

namespace {

constexpr WeightGradientRule kRules[] = {WeightGradientRule::official, WeightGradientRule::exact,
                                         WeightGradientRule::polynomial};

double sign(double w) {
  return w >= 0 ? 1.0 : -1.0;
}

ThreeBranches on(Device device, const ThreeBranches& w) {
  return {w[0].clone().to(device), w[1].clone().to(device), w[2].clone().to(device)};
}

// Latent weights within [-1, 1], G and what follows from them by the formulas, in double.
struct Problem {
  ThreeBranches w;
  Tensor g;
  std::int64_t n;
  std::vector<double> alpha;  // one per filter

  Problem(const Shape& shape, std::uint32_t seed)
      : w{test::random_tensor(shape, seed), test::random_tensor(shape, seed + 1),
          test::random_tensor(shape, seed + 2)},
        g(test::random_tensor(shape, seed + 3)),
        n(shape.numel() / shape[0]),
        alpha(static_cast<std::size_t>(shape[0]), 0.0) {
    for (std::int64_t i = 0; i < g.numel(); ++i) {
      for (std::size_t b = 0; b < 3; ++b) {
        alpha[static_cast<std::size_t>(i / n)] += std::abs(latent(b, i)) / static_cast<double>(3 * n);
      }
    }
  }
  double latent(std::size_t b, std::int64_t i) const { return w[b].data<float>()[i]; }
  double gradient(std::int64_t i) const { return g.data<float>()[i]; }
  double signs(std::int64_t i) const { return sign(latent(0, i)) + sign(latent(1, i)) + sign(latent(2, i)); }

  Tensor scale() const {
    return Tensor::from<float>({static_cast<std::int64_t>(alpha.size())},
                               std::vector<float>(alpha.begin(), alpha.end()));
  }
  // dL/dW = alpha G
  Tensor dt() const {
    const Tensor scales = scale();
    Tensor result = g.clone();
    for (std::int64_t i = 0; i < g.numel(); ++i) result.data<float>()[i] *= scales.data<float>()[i / n];
    return result;
  }

  std::vector<double> expected(std::size_t b, WeightGradientRule rule) const {
    std::vector<double> own(alpha.size(), 0.0), all(alpha.size(), 0.0), dw;
    for (std::int64_t i = 0; i < g.numel(); ++i) {
      own[static_cast<std::size_t>(i / n)] += sign(latent(b, i)) * gradient(i);
      all[static_cast<std::size_t>(i / n)] += signs(i) * gradient(i);
    }
    for (std::int64_t i = 0; i < g.numel(); ++i) {
      const auto o = static_cast<std::size_t>(i / n);
      const double s = sign(latent(b, i)), count = static_cast<double>(n);
      const double window = std::max(0.0, 1 - std::abs(latent(b, i)) / (2 * alpha[o]));
      switch (rule) {
        case WeightGradientRule::official:
          dw.push_back(gradient(i) + s * own[o] / count);
          break;
        case WeightGradientRule::exact:
          dw.push_back(alpha[o] * gradient(i) + s * all[o] / (3 * count));
          break;
        case WeightGradientRule::polynomial:
          dw.push_back(window * gradient(i) + s * all[o] / (3 * count));
          break;
      }
    }
    return dw;
  }
};

Tensor row(const std::vector<float>& values) {
  return Tensor::from<float>({1, static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace

TEST_CASE("three_branch_weights: a worked example, with zeros of either sign and weights beyond +-1") {
  const Device device = test::each_device();
  ThreeBranches w{row({0.5F, -0.25F, -0.0F, -3.0F}).to(device), row({0.5F, 0.25F, -0.5F, -0.5F}).to(device),
                  row({2.0F, -1.0F, 0.0F, -0.5F}).to(device)};
  const kernels::TernaryWeights weights = kernels::three_branch_weights(w);
  CHECK(test::bit_difference(w[0], row({0.5F, -0.25F, -0.0F, -1.0F})) == "");
  CHECK(test::bit_difference(w[1], row({0.5F, 0.25F, -0.5F, -0.5F})) == "");
  CHECK(test::bit_difference(w[2], row({1.0F, -1.0F, 0.0F, -0.5F})) == "");
  CHECK(weights.ternary.to_vector<std::int8_t>() == std::vector<std::int8_t>{3, -1, 1, -3});
  // (0.5 + 0.25 + 0 + 1 + 0.5 + 0.25 + 0.5 + 0.5 + 1 + 1 + 0 + 0.5) / 12
  CHECK(test::bit_difference(weights.scale, Tensor::from<float>({1}, {0.5F})) == "");
}

TEST_CASE("three_branch_weights: levels and scale of random filters, on any number of threads") {
  const Device device = test::each_device();
  for (const Shape& shape : {Shape{37, 3, 3, 17}, Shape{5, 1, 1, 64}, Shape{3, 1}}) {
    const Problem p(shape, 1);
    for (const int threads : {1, 2, 3}) {
      if (device.type != DeviceType::cpu && threads > 1) break;
      const test::ThreadCount scope(threads);
      ThreeBranches w = on(device, p.w);
      const kernels::TernaryWeights weights = kernels::three_branch_weights(w);
      for (std::size_t b = 0; b < 3; ++b) CHECK(test::bit_difference(w[b], p.w[b]) == "");
      // The sum is one of doubles, of which rounding to f32 keeps the same number but at a tie.
      CHECK(test::bit_difference(weights.scale, p.scale()) == "");
      std::vector<double> levels;
      for (std::int64_t i = 0; i < p.g.numel(); ++i) levels.push_back(p.signs(i));
      CHECK(test::difference(weights.ternary, levels, 0.0) == "");
    }
  }
}

TEST_CASE("three_branch_weights: all gradient rules follow their formula") {
  const Device device = test::each_device();
  for (const Shape& shape : {Shape{5, 3, 3, 7}, Shape{33, 1, 1, 65}, Shape{1, 1}, Shape{2, 5, 5, 64}}) {
    const Problem p(shape, 7);
    for (const auto rule : kRules) {
      INFO(to_string(shape) << " rule " << static_cast<int>(rule));
      const ThreeBranches dw = kernels::three_branch_weights_backward(p.dt().to(device), on(device, p.w),
                                                                      p.scale().to(device), rule);
      // As of a pair: G comes back from dt by three roundings, its mean by one, their sum by another two.
      for (std::size_t b = 0; b < 3; ++b) {
        CHECK(test::difference(dw[b], p.expected(b, rule), 10 * test::kUnit) == "");
      }
    }
  }
}

TEST_CASE(
    "three_branch_weights: a NaN makes the scale of its filter NaN; a filter of zeros has no gradient") {
  const Device device = test::each_device();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor halves = Tensor::full({2, 2}, 0.5F);
  ThreeBranches w = on(device, {halves, halves, Tensor::from<float>({2, 2}, {0.5F, nan, 0.5F, 0.5F})});
  const std::vector<float> scale = kernels::three_branch_weights(w).scale.to_vector<float>();
  CHECK(std::isnan(scale[0]));
  CHECK(scale[1] == 0.5F);

  const Tensor zeros = Tensor::zeros({1, 3});
  ThreeBranches none = on(device, {zeros, zeros, zeros});
  const kernels::TernaryWeights weights = kernels::three_branch_weights(none);
  CHECK(weights.scale.item() == 0.0F);
  CHECK(weights.ternary.to_vector<std::int8_t>() == std::vector<std::int8_t>{3, 3, 3});
  for (const auto rule : kRules) {
    for (const Tensor& dw :
         kernels::three_branch_weights_backward(row({1, 2, 3}).to(device), none, weights.scale, rule)) {
      CHECK(test::difference(dw, {0, 0, 0}, 0.0) == "");
    }
  }
}

TEST_CASE("three_branch_weights: arguments that do not fit together are named") {
  const Tensor a = Tensor::zeros({2, 3}), b = Tensor::zeros({2, 3}), other = Tensor::zeros({2, 4});
  ThreeBranches w{a, b, other};
  CHECK_THROWS_WITH(kernels::three_branch_weights(w),
                    "three_branch_weights: w1 is f32 (2, 3) but w3 is f32 (2, 4)");
  ThreeBranches same{a, b, a};
  CHECK_THROWS_WITH(kernels::three_branch_weights(same), Catch::Contains("w1 and w3 are the same tensor"));
  const ThreeBranches good{a, b, Tensor::zeros({2, 3})};
  CHECK_THROWS_WITH(kernels::three_branch_weights_backward(other, good, Tensor::zeros({2}), kRules[0]),
                    Catch::Contains("w1 is f32 (2, 3) but dt is f32 (2, 4)"));
  CHECK_THROWS_WITH(kernels::three_branch_weights_backward(a, good, Tensor::zeros({3}), kRules[0]),
                    Catch::Contains("scale is (3,)"));
}
