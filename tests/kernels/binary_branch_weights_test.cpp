#include "tern/kernels/binary_branch_weights.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/ternary_conv2d.h"
#include "tests/reference/conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::WeightGradientRule;

namespace {

constexpr WeightGradientRule kRules[] = {WeightGradientRule::official, WeightGradientRule::exact,
                                         WeightGradientRule::polynomial};

double sign(double w) {
  return w >= 0 ? 1.0 : -1.0;
}

Tensor filters(const std::vector<float>& values, std::int64_t count = 1) {
  return Tensor::from<float>({count, 1, 1, static_cast<std::int64_t>(values.size()) / count}, values);
}

// A pair of latent weights within [-1, 1], G and what follows from them by the formulas, in double.
struct Pair {
  Tensor w1, w2, g;
  std::vector<double> alpha;  // one per filter
  std::int64_t filters, n;

  Pair(const Shape& shape, std::uint32_t seed)
      : w1(test::random_tensor(shape, seed)),
        w2(test::random_tensor(shape, seed + 1)),
        g(test::random_tensor(shape, seed + 2)),
        filters(shape[0]),
        n(shape.numel() / shape[0]) {
    for (std::int64_t o = 0; o < filters; ++o) {
      double sum = 0;
      for (std::int64_t i = o * n; i < (o + 1) * n; ++i) sum += std::abs(a(i)) + std::abs(b(i));
      alpha.push_back(sum / static_cast<double>(2 * n));
    }
  }
  double a(std::int64_t i) const { return w1.data<float>()[i]; }
  double b(std::int64_t i) const { return w2.data<float>()[i]; }
  double grad(std::int64_t i) const { return g.data<float>()[i]; }

  Tensor scale() const {
    Tensor result = Tensor::empty({filters});
    for (std::int64_t o = 0; o < filters; ++o) {
      result.data<float>()[o] = 2 * static_cast<float>(alpha[static_cast<std::size_t>(o)]);
    }
    return result;
  }
  kernels::BranchGradients gradients(WeightGradientRule rule, Device device) const {
    return kernels::binary_branch_weights_backward(dt().to(device), w1.to(device), w2.to(device),
                                                   scale().to(device), rule);
  }
  // dL/dT = 2 alpha G
  Tensor dt() const {
    Tensor result = g.clone();
    for (std::int64_t i = 0; i < g.numel(); ++i) result.data<float>()[i] *= scale().data<float>()[i / n];
    return result;
  }
};

// dL/dw_b of the rules for the branch whose latent weights are `w`.
std::vector<double> expected_gradient(const Pair& p, const Tensor& w, WeightGradientRule rule) {
  std::vector<double> dw;
  const auto s = [&](std::int64_t i) { return sign(w.data<float>()[i]); };
  for (std::int64_t o = 0; o < p.filters; ++o) {
    const double alpha = p.alpha[static_cast<std::size_t>(o)], n = static_cast<double>(p.n);
    double sum_own = 0, sum_both = 0;
    for (std::int64_t i = o * p.n; i < (o + 1) * p.n; ++i) {
      sum_own += s(i) * p.grad(i);
      sum_both += (sign(p.a(i)) + sign(p.b(i))) * p.grad(i);
    }
    for (std::int64_t i = o * p.n; i < (o + 1) * p.n; ++i) {
      if (rule == WeightGradientRule::official) {
        dw.push_back(p.grad(i) + s(i) * sum_own / n);
        continue;
      }
      const double through = rule == WeightGradientRule::exact
                                 ? alpha
                                 : std::max(0.0, 1 - std::abs(w.data<float>()[i]) / (2 * alpha));
      dw.push_back(through * p.grad(i) + s(i) * sum_both / (2 * n));
    }
  }
  return dw;
}

}  // namespace

TEST_CASE("binary_branch_weights: a worked example") {
  const Device device = test::each_device();
  // Two filters of four weights, with both zeros and weights beyond +-1.
  Tensor w1 = filters({0.5F, -0.25F, 0.0F, 3.0F, /**/ -0.0F, -2.0F, 0.125F, -0.125F}, 2).to(device);
  Tensor w2 = filters({-0.5F, -0.75F, -0.0F, 1.5F, /**/ -1.0F, 0.25F, 0.25F, -0.25F}, 2).to(device);
  const kernels::TernaryWeights weights = kernels::binary_branch_weights(w1, w2);
  CHECK(test::bit_difference(w1, filters({0.5F, -0.25F, 0.0F, 1.0F, -0.0F, -1.0F, 0.125F, -0.125F}, 2)) ==
        "");
  CHECK(test::bit_difference(w2, filters({-0.5F, -0.75F, -0.0F, 1.0F, -1.0F, 0.25F, 0.25F, -0.25F}, 2)) ==
        "");
  // Zero counts as positive, with either sign.
  CHECK(weights.ternary.to_vector<std::int8_t>() == std::vector<std::int8_t>{0, -1, 1, 1, /**/ 0, 0, 1, -1});
  // 2 alpha = (0.5 + 0.25 + 0 + 1 + 0.5 + 0.75 + 0 + 1) / 4 and (0 + 1 + 1/8 + 1/8 + 1 + 3 * 1/4) / 4.
  CHECK(test::bit_difference(weights.scale, Tensor::from<float>({2}, {1.0F, 0.75F})) == "");
}

TEST_CASE("binary_branch_weights: a NaN is kept and makes the scale of its filter NaN") {
  const Device device = test::each_device();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Tensor w1 = filters({0.5F, nan, 0.5F, 0.5F}, 2).to(device);
  Tensor w2 = filters({0.5F, 0.5F, 0.5F, 0.5F}, 2).to(device);
  const kernels::TernaryWeights weights = kernels::binary_branch_weights(w1, w2);
  CHECK(std::isnan(w1.to_vector<float>()[1]));
  CHECK(std::isnan(weights.scale.to_vector<float>()[0]));
  CHECK(weights.scale.to_vector<float>()[1] == 1.0F);
}

TEST_CASE("binary_branch_weights: a filter of zeros has scale 0 and no gradient") {
  const Device device = test::each_device();
  Tensor w1 = Tensor::zeros({1, 1, 1, 3}, DType::f32, device), w2 = w1.clone();
  const kernels::TernaryWeights weights = kernels::binary_branch_weights(w1, w2);
  CHECK(weights.scale.item() == 0.0F);
  CHECK(weights.ternary.to_vector<std::int8_t>() == std::vector<std::int8_t>{1, 1, 1});
  for (const auto rule : kRules) {
    const auto g =
        kernels::binary_branch_weights_backward(filters({1, 2, 3}).to(device), w1, w2, weights.scale, rule);
    CHECK(test::difference(g.dw1, {0, 0, 0}, 0.0) == "");
    CHECK(test::difference(g.dw2, {0, 0, 0}, 0.0) == "");
  }
}

TEST_CASE("binary_branch_weights: scale and T of random filters, on any number of threads") {
  const Device device = test::each_device();
  const Pair p({37, 3, 3, 65}, 1);
  for (const int threads : {1, 2, 3}) {
    if (device.type != DeviceType::cpu && threads > 1) break;
    const test::ThreadCount scope(threads);
    Tensor w1 = p.w1.clone().to(device), w2 = p.w2.clone().to(device);
    const kernels::TernaryWeights weights = kernels::binary_branch_weights(w1, w2);
    CHECK(test::bit_difference(w1, p.w1) == "");
    // The sum is one of doubles, of which rounding to f32 keeps the same number but at a tie.
    CHECK(test::bit_difference(weights.scale, p.scale()) == "");
    std::vector<double> ternary;
    for (std::int64_t i = 0; i < w1.numel(); ++i) ternary.push_back((sign(p.a(i)) + sign(p.b(i))) / 2);
    CHECK(test::difference(weights.ternary, ternary, 0.0) == "");
  }
}

TEST_CASE("binary_branch_weights: all gradient rules follow their formula") {
  const Device device = test::each_device();
  for (const Shape& shape : {Shape{5, 3, 3, 7}, Shape{33, 1, 1, 65}, Shape{1, 1, 1, 1}, Shape{2, 5, 5, 64}}) {
    const Pair p(shape, 7);
    for (const auto rule : kRules) {
      INFO(to_string(shape) << " rule " << static_cast<int>(rule));
      const auto g = p.gradients(rule, device);
      // G (below 1) comes back from dt by three roundings, its mean (below 1) by one, their sum (below 2) by
      // another two.
      CHECK(test::difference(g.dw1, expected_gradient(p, p.w1, rule), 10 * test::kUnit) == "");
      CHECK(test::difference(g.dw2, expected_gradient(p, p.w2, rule), 10 * test::kUnit) == "");
    }
  }
}

TEST_CASE("binary_branch_gradient: one branch at a time gives the bits of both at once") {
  const Device device = test::each_device();
  for (const Shape& shape : {Shape{5, 3, 3, 7}, Shape{2, 5, 5, 64}, Shape{300, 1}}) {
    const Pair p(shape, 17);
    const Tensor dt = p.dt().to(device), w1 = p.w1.to(device), w2 = p.w2.to(device);
    const Tensor scale = p.scale().to(device);
    for (const auto rule : {WeightGradientRule::official, WeightGradientRule::exact}) {
      const kernels::BranchGradients both = p.gradients(rule, device);
      const auto one = [&](int branch) {
        return kernels::binary_branch_gradient(dt, w1, w2, scale, rule, branch);
      };
      CHECK(test::bit_difference(one(0), both.dw1.to(Device{})) == "");
      CHECK(test::bit_difference(one(1), both.dw2.to(Device{})) == "");
    }
  }
}

TEST_CASE("binary_branch_weights: the straight-through mask includes +-1 and excludes what is beyond") {
  const Device device = test::each_device();
  const Tensor w1 = filters({1.0F, -1.0F, 1.5F, -1.5F}).to(device);
  const Tensor w2 = filters({0.5F, 0.5F, -0.5F, -0.5F}).to(device);
  // The signs cancel against G, so that only alpha * G * mask is left; dt = 2 alpha G with alpha = 1/2.
  const Tensor dt = filters({1, 1, -1, 1}).to(device), scale = Tensor::full({1}, 1.0F).to(device);
  const auto g = kernels::binary_branch_weights_backward(dt, w1, w2, scale, WeightGradientRule::exact);
  // sum((s1 + s2) G) = 2 + 0 + 0 - 2
  CHECK(g.dw1.to_vector<float>() == std::vector<float>{0.5F, 0.5F, 0, 0});
  CHECK(g.dw2.to_vector<float>() == std::vector<float>{0.5F, 0.5F, -0.5F, 0.5F});
}

TEST_CASE("binary_branch_weights: the exact rule is the derivative with the signs frozen") {
  const Device device = test::each_device();
  // L = sum G * alpha(w) * (q1 + q2) with q_b = s_b + (w_b - w0_b): the straight-through sign has the value
  // s_b at w0 and derivative one. L is a quadratic in each weight, so a central difference is exact.
  const Pair p({2, 1, 3, 4}, 11);
  const auto loss = [&p](const std::vector<double>& a, const std::vector<double>& b, std::int64_t o) {
    double alpha = 0, sum = 0;
    for (std::int64_t i = o * p.n; i < (o + 1) * p.n; ++i) {
      const double ai = a[static_cast<std::size_t>(i)], bi = b[static_cast<std::size_t>(i)];
      alpha += (std::abs(ai) + std::abs(bi)) / static_cast<double>(2 * p.n);
      sum += p.grad(i) * (sign(p.a(i)) + ai - p.a(i) + sign(p.b(i)) + bi - p.b(i));
    }
    return alpha * sum;
  };
  const auto derivative = [&](bool second) {
    std::vector<double> a = test::as_doubles(p.w1), b = test::as_doubles(p.w2), numeric;
    std::vector<double>& w = second ? b : a;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double w0 = w[i], step = std::abs(w0) / 4;  // does not cross the kink of |w|
      const auto o = static_cast<std::int64_t>(i) / p.n;
      w[i] = w0 + step;
      const double above = loss(a, b, o);
      w[i] = w0 - step;
      numeric.push_back((above - loss(a, b, o)) / (2 * step));
      w[i] = w0;
    }
    return numeric;
  };
  const auto g = p.gradients(WeightGradientRule::exact, device);
  CHECK(test::difference(g.dw1, derivative(false), 10 * test::kUnit) == "");
  CHECK(test::difference(g.dw2, derivative(true), 10 * test::kUnit) == "");
}

TEST_CASE("binary_branch_weights: by the polynomial rule, the threshold moves towards what the loss wants") {
  const Device device = test::each_device();
  // T = 0 with 2 alpha = 0.5, and G = -1 wants it to become 1: the branch that is near its change of sign
  // goes up four times as fast as the far one, so that the threshold (w1 - w2) / 2 shrinks. s1 + s2 = 0.
  const Tensor w1 = filters({0.4F}).to(device), w2 = filters({-0.1F}).to(device);
  const Tensor dt = filters({-0.5F}).to(device), scale = Tensor::full({1}, 0.5F).to(device);
  const auto g = kernels::binary_branch_weights_backward(dt, w1, w2, scale, WeightGradientRule::polynomial);
  CHECK(test::difference(g.dw1, {-0.2}, 1e-6) == "");
  CHECK(test::difference(g.dw2, {-0.8}, 1e-6) == "");
  const auto official =
      kernels::binary_branch_weights_backward(dt, w1, w2, scale, WeightGradientRule::official);
  CHECK(test::difference(official.dw1, {-2}, 1e-6) == "");
  CHECK(test::difference(official.dw2, {-2}, 1e-6) == "");
}

TEST_CASE("binary_branch_weights: one ternary convolution equals the sum of two binary ones") {
  Pair p({9, 3, 3, 33}, 21);
  const kernels::Conv2dParameters parameters{1, 1};
  const kernels::TernaryWeights weights = kernels::binary_branch_weights(p.w1, p.w2);
  Tensor branch1 = p.w1.clone(), branch2 = p.w2.clone();  // alpha * B
  for (std::int64_t i = 0; i < p.w1.numel(); ++i) {
    const float alpha = weights.scale.data<float>()[i / p.n] / 2;
    branch1.data<float>()[i] = alpha * static_cast<float>(sign(p.a(i)));
    branch2.data<float>()[i] = alpha * static_cast<float>(sign(p.b(i)));
  }
  const Tensor x = test::random_ternary({2, 6, 5, 33}, 22);
  const Tensor x_f32 = test::converted<float>(x);
  const Tensor y1 = kernels::conv2d(x_f32, branch1, Tensor(), parameters);
  const Tensor y2 = kernels::conv2d(x_f32, branch2, Tensor(), parameters);
  const Tensor z = kernels::ternary_conv2d(x, weights.ternary, parameters);
  const std::vector<std::int32_t> integers = reference::conv2d<std::int32_t>(x, weights.ternary, parameters);
  std::vector<double> expected, sum, tolerance;
  Tensor y = test::converted<float>(z);
  for (std::int64_t i = 0; i < z.numel(); ++i) {
    const float scale = weights.scale.data<float>()[i % p.filters];
    y.data<float>()[i] *= scale;
    const float exact = scale * static_cast<float>(integers[static_cast<std::size_t>(i)]);
    expected.push_back(exact);
    sum.push_back(double{y1.data<float>()[i]} + y2.data<float>()[i]);
    // The two sums of n terms +-alpha are the only inexact ones: n u * n alpha each; one rounding of y.
    tolerance.push_back(test::kUnit * (static_cast<double>(p.n * p.n) * scale + std::abs(exact)));
  }
  CHECK(test::difference(y, expected, 0.0) == "");
  CHECK(test::difference(y, sum, tolerance) == "");
}

TEST_CASE("binary_branch_weights: arguments that do not fit together are named") {
  Tensor w1 = Tensor::zeros({4, 3, 3, 8}), other = Tensor::zeros({4, 3, 3, 9}), vector = Tensor::zeros({4});
  CHECK_THROWS_WITH(kernels::binary_branch_weights(w1, other),
                    "binary_branch_weights: w1 is f32 (4, 3, 3, 8) but w2 is f32 (4, 3, 3, 9)");
  CHECK_THROWS_WITH(kernels::binary_branch_weights(w1, w1),
                    "binary_branch_weights: w1 and w2 are the same tensor");
  CHECK_THROWS_WITH(kernels::binary_branch_weights(vector, vector),
                    "binary_branch_weights: w1 is (4,), expected (O, KH, KW, I) or (O, I)");
  CHECK_THROWS_WITH(
      kernels::binary_branch_weights_backward(w1, w1, w1, Tensor::zeros({3}), WeightGradientRule::official),
      "binary_branch_weights_backward: scale is (3,), expected one value for each of 4 channels");
}
