// TWN, LSQ, learned thresholds and binary weights against their published formulas, of tests/reference.
#include "tern/layers/ternary/methods.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tests/reference/ternary_weights.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"

using namespace tern;

namespace {

using kernels::WeightMethod;

// Weights with one filter per row: n of them, some beyond [-1, 1] and one filter all zero.
Tensor latent_weights() {
  Tensor w = test::random_tensor({4, 3, 3, 5}, 1, -1.5F, 1.5F);
  for (int i = 0; i < 45; ++i) w.data<float>()[45 * 2 + i] = 0;
  return w;
}

double sign(double w) {
  return w >= 0 ? 1 : -1;
}

void check_method(const std::string& name, WeightMethod method, Device device) {
  const Tensor w = latent_weights(), dt = test::random_tensor(w.shape(), 2);
  const auto weights = ternary_method(name)(w.shape(), false);
  weights->named_parameters().front().second.mutable_value().copy_from(w);
  weights->to(device);
  const TernaryVariables result = weights->ternarise();
  CHECK_FALSE(result.scale.requires_grad());
  result.ternary.backward(dt.to(device));
  const reference::TernaryWeights expected = reference::ternary_weights(method, w, dt);
  // Sums in double, some roundings of f32 behind them.
  CHECK(test::difference(result.ternary.value(), expected.ternary, 0.0) == "");
  CHECK(test::difference(result.scale.value(), expected.scale, 1e-6) == "");
  const NamedVariables parameters = weights->named_parameters();
  CHECK(test::difference(parameters.front().second.grad(), expected.dw, 2e-6) == "");
  if (parameters.size() > 1) {
    CHECK(test::difference(parameters.back().second.grad(), expected.dlearned, 1e-5) == "");
  }
}

}  // namespace

TEST_CASE("twn: threshold, scale and gradient are those of the paper") {
  check_method("twn", WeightMethod::twn, test::each_device());
}

TEST_CASE("lsq: step, levels and both gradients are those of the paper") {
  check_method("lsq", WeightMethod::lsq, test::each_device());
}

TEST_CASE("threshold: threshold, scale and both gradients follow their formula") {
  check_method("threshold", WeightMethod::threshold, test::each_device());
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
  std::vector<double> expected;
  for (int i = 0; i < latent.numel(); ++i) {
    double mean = 0;
    for (int k = 0; k < 45; ++k) mean += std::abs(latent.data<float>()[i / 45 * 45 + k]) / 45.0;
    const double threshold = deltas[i / 45] * mean, v = latent.data<float>()[i];
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
  check_method("binary", WeightMethod::binary, test::each_device());
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
