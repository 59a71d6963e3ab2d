// TWN, LSQ, learned thresholds and binary weights against their published formulas, evaluated naively in
// double.
#include "tern/layers/ternary/methods.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"

using namespace tern;

namespace {

using Values = std::vector<double>;

// Weights with one filter per row: n of them, some beyond [-1, 1] and one filter all zero.
Tensor latent_weights() {
  Tensor w = test::random_tensor({4, 3, 3, 5}, 1, -1.5F, 1.5F);
  for (int i = 0; i < 45; ++i) w.data<float>()[45 * 2 + i] = 0;
  return w;
}

struct Filter {
  Values w, g;  // G = dL/d(scale * T)
};

double sign(double w) {
  return w >= 0 ? 1 : -1;
}

double mean_magnitude(const Values& w) {
  double sum = 0;
  for (const double v : w) sum += std::abs(v);
  return sum / static_cast<double>(w.size());
}

// What a method gives for a filter.
struct Expected {
  Values t, dw;
  double scale = 0, dlearned = 0;
};

Expected twn_of(const Filter& f) {
  Expected e;
  double kept = 0, count = 0;
  for (const double w : f.w) {
    const bool keep = std::abs(w) > 0.7 * mean_magnitude(f.w);
    e.t.push_back(keep ? sign(w) : 0);
    kept += keep ? std::abs(w) : 0;
    count += keep;
  }
  e.scale = count == 0 ? 0 : kept / count;
  e.dw = f.g;
  return e;
}

Expected lsq_of(const Filter& f) {
  Expected e;
  const double s = e.scale = 2 * mean_magnitude(f.w);
  for (std::size_t i = 0; i < f.w.size(); ++i) {
    const double v = s == 0 ? 0 : f.w[i] / s;
    e.t.push_back(v > 0.5 ? 1 : (v < -0.5 ? -1 : 0));
    e.dw.push_back(std::abs(v) < 1 ? f.g[i] : 0);
    e.dlearned += f.g[i] * (std::abs(v) < 1 ? e.t[i] - v : e.t[i]);
  }
  e.dlearned /= std::sqrt(static_cast<double>(f.w.size()));
  return e;
}

// The kept share of the derivative of a sign, in units of alpha, by Bi-Real Net's polynomial.
double hat(double x) {
  return std::max(0.0, 1 - std::abs(x));
}

Expected threshold_of(const Filter& f) {
  Expected e = twn_of(f);  // which has the threshold that delta begins with
  const double mean = mean_magnitude(f.w), delta = 0.7 * mean;
  for (std::size_t i = 0; i < f.w.size() && e.scale > 0; ++i) {
    e.dlearned += f.g[i] * (hat((f.w[i] + delta) / e.scale) - hat((f.w[i] - delta) / e.scale));
  }
  e.dlearned *= mean / std::sqrt(static_cast<double>(f.w.size()));
  return e;
}

Expected binary_of(const Filter& f) {
  Expected e;
  e.scale = mean_magnitude(f.w);
  double sum = 0;
  for (std::size_t i = 0; i < f.w.size(); ++i) sum += sign(f.w[i]) * f.g[i];
  for (std::size_t i = 0; i < f.w.size(); ++i) {
    e.t.push_back(sign(f.w[i]));
    e.dw.push_back((std::abs(f.w[i]) <= 1 ? e.scale * f.g[i] : 0) +
                   sign(f.w[i]) * sum / static_cast<double>(f.w.size()));
  }
  return e;
}

void check_method(const std::string& name, const std::function<Expected(const Filter&)>& expected_of,
                  Device device) {
  const Tensor w = latent_weights(), dt = test::random_tensor(w.shape(), 2);
  const auto weights = ternary_method(name)(w.shape(), false);
  weights->named_parameters().front().second.mutable_value().copy_from(w);
  weights->to(device);
  const TernaryVariables result = weights->ternarise();
  CHECK_FALSE(result.scale.requires_grad());
  result.ternary.backward(dt.to(device));
  Values t, scale, dw, dlearned;
  for (int o = 0; o < 4; ++o) {
    Filter f;
    for (int i = 0; i < 45; ++i) f.w.push_back(w.data<float>()[45 * o + i]);
    f.g.assign(45, 0.0);
    const double s = expected_of(f).scale;
    for (int i = 0; i < 45; ++i) f.g[i] = s == 0 ? 0 : dt.data<float>()[45 * o + i] / s;
    const Expected e = expected_of(f);
    t.insert(t.end(), e.t.begin(), e.t.end());
    dw.insert(dw.end(), e.dw.begin(), e.dw.end());
    scale.push_back(e.scale);
    dlearned.push_back(e.dlearned);
  }
  // Sums in double, some roundings of f32 behind them.
  CHECK(test::difference(result.ternary.value(), t, 0.0) == "");
  CHECK(test::difference(result.scale.value(), scale, 1e-6) == "");
  const NamedVariables parameters = weights->named_parameters();
  CHECK(test::difference(parameters.front().second.grad(), dw, 2e-6) == "");
  if (parameters.size() > 1) {
    CHECK(test::difference(parameters.back().second.grad(), dlearned, 1e-5) == "");
  }
}

}  // namespace

TEST_CASE("twn: threshold, scale and gradient are those of the paper") {
  check_method("twn", &twn_of, test::each_device());
}

TEST_CASE("lsq: step, levels and both gradients are those of the paper") {
  check_method("lsq", &lsq_of, test::each_device());
}

TEST_CASE("threshold: threshold, scale and both gradients follow their formula") {
  check_method("threshold", &threshold_of, test::each_device());
}

TEST_CASE("threshold: it is the pair of branches W - Delta and W + Delta") {
  const Device device = test::each_device();
  const auto weights = ternary_method("threshold")({3, 3, 3, 5}, false);
  Variable w = weights->named_parameters()[0].second, delta = weights->named_parameters()[1].second;
  const Tensor latent = test::random_tensor({3, 3, 3, 5}, 5, -0.4F, 0.4F);
  const float deltas[] = {0, 0.5F, 1.5F};
  w.mutable_value().copy_from(latent);
  delta.mutable_value().copy_from(Tensor::from<float>({3}, {deltas[0], deltas[1], deltas[2]}));
  weights->to(device);
  Values expected;
  for (int i = 0; i < latent.numel(); ++i) {
    Values filter;
    for (int k = 0; k < 45; ++k) filter.push_back(latent.data<float>()[i / 45 * 45 + k]);
    const double threshold = deltas[i / 45] * mean_magnitude(filter), v = latent.data<float>()[i];
    expected.push_back((sign(v - threshold) + sign(v + threshold)) / 2);
  }
  CHECK(test::difference(weights->merged().ternary, expected, 0.0) == "");
}

TEST_CASE("threshold: an optimiser moves the thresholds, and they come back to their range") {
  const Device device = test::each_device();
  const auto weights = ternary_method("threshold")({2, 4}, false);
  Variable w = weights->named_parameters()[0].second, delta = weights->named_parameters()[1].second;
  w.mutable_value().copy_from(Tensor::from<float>({2, 4}, {1, -1, 2, 0, 1, -1, 2, 0}));
  weights->to(device);
  // The weights of 1 and -1 are to become zeros: G has their signs.
  weights->ternarise().ternary.backward(Tensor::from<float>({2, 4}, {1, -1, 0, 0, -1, 1, 0, 0}).to(device));
  const std::vector<float> gradient = delta.grad().to_vector<float>();
  CHECK(gradient[0] < 0);  // a higher threshold lowers the loss
  CHECK(gradient[1] > 0);
  delta.mutable_value().copy_from(Tensor::from<float>({2}, {-0.5F, 7}));
  weights->ternarise();
  CHECK(test::difference(delta.value(), {0, 2}, 0.0) == "");
  delta.mutable_value().copy_from(Tensor::full({2}, std::numeric_limits<float>::quiet_NaN()));
  CHECK(std::isnan(weights->merged().scale.to_vector<float>()[0]));
}

TEST_CASE("binary: signs, scale and gradient are those of XNOR-Net") {
  check_method("binary", &binary_of, test::each_device());
}

TEST_CASE("lsq: the step is set once, from the weights, and then it is the optimiser's") {
  const Device device = test::each_device();
  const auto weights = ternary_method("lsq")({1, 4}, false);
  Variable w = weights->named_parameters()[0].second, step = weights->named_parameters()[1].second;
  w.mutable_value().copy_from(Tensor::from<float>({1, 4}, {1, -1, 2, 0}));
  weights->to(device);
  weights->ternarise();
  CHECK(step.value().item() == 2.0F);
  step.mutable_value().copy_from(Tensor::full({1}, 1.0F));
  CHECK(test::difference(weights->merged().ternary, {1, -1, 1, 0}, 0.0) == "");
  CHECK(step.value().item() == 1.0F);
}

TEST_CASE("ternary methods: a weight that is no number shows in the scale") {
  const Device device = test::each_device();
  for (const std::string name : {"sttn", "twn", "lsq", "threshold", "binary"}) {
    INFO(name);
    const auto weights = ternary_method(name)({1, 2}, false);
    weights->named_parameters()[0].second.mutable_value().copy_from(
        Tensor::from<float>({1, 2}, {1, std::numeric_limits<float>::quiet_NaN()}));
    weights->to(device);
    CHECK(std::isnan(weights->merged().scale.item()));
  }
}

TEST_CASE("ternary methods: an unknown name is refused with the nearest, a taken one cannot be added") {
  CHECK_THROWS_WITH(ternary_method("stnt"), Catch::Contains("did you mean 'sttn'"));
  CHECK_THROWS_AS(ternary_method("x"), ConfigError);
  CHECK_THROWS_AS(add_ternary_method("twn", [](const TernaryMethodOptions&) { return sttn(); }), ConfigError);
}
