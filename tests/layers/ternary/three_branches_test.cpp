#include "tern/layers/ternary/three_branches.h"

#include <cmath>

#include "tern/kernels/conv2d.h"
#include "tern/kernels/three_branch_weights.h"
#include "tern/layers/ternary/methods.h"
#include "tern/layers/ternary/ternary_conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"

using namespace tern;

namespace {

constexpr kernels::Conv2dParameters kParameters{1, 1};

// Latent weights drawn from [-1.5, 1.5], biases too.
std::unique_ptr<TernaryConv2d> random_layer(WeightGradientRule rule, bool bias) {
  auto layer = std::make_unique<TernaryConv2d>(Conv2dOptions{5, 7, 3, 1, 1, bias}, three_branch_sttn(rule));
  std::uint32_t seed = 1;
  for (auto& [name, parameter] : layer->named_parameters()) {
    parameter.mutable_value().copy_from(test::random_tensor(parameter.shape(), seed++, -1.5F, 1.5F));
  }
  return layer;
}

std::map<std::string, Variable> parameters_of(const Module& layer) {
  std::map<std::string, Variable> all;
  for (const auto& [name, parameter] : layer.named_parameters()) all.emplace(name, parameter);
  return all;
}

Tensor times(const Tensor& weights, const Tensor& scale) {
  Tensor result = test::converted<float>(weights);
  const std::int64_t n = result.numel() / result.dim(0);
  for (std::int64_t i = 0; i < result.numel(); ++i) result.data<float>()[i] *= scale.data<float>()[i / n];
  return result;
}

}  // namespace

TEST_CASE("sttn of three branches: the layer is alpha times the sum of three binary convolutions") {
  const auto layer = random_layer(WeightGradientRule::official, true);
  const Tensor x = test::random_ternary({2, 6, 5, 5}, 9);
  const Tensor y = layer->forward(Variable(x)).value();
  const MergedWeights merged = layer->merged_weights();
  const auto parameters = parameters_of(*layer);  // clamped by forward
  std::vector<double> sum(static_cast<std::size_t>(y.numel()), 0.0);
  for (const char* branch : {"1", "2", "3"}) {
    const Tensor w = parameters.at(std::string(branch) + ".weight").value();
    std::vector<std::int8_t> signs;
    for (const float value : w.to_vector<float>()) {
      CHECK(std::abs(value) <= 1);
      signs.push_back(value >= 0 ? 1 : -1);
    }
    const Tensor b = times(Tensor::from(w.shape(), signs), merged.scale);
    const std::vector<double> part = test::as_doubles(kernels::conv2d(
        test::converted<float>(x), b, parameters.at(std::string(branch) + ".bias").value(), kParameters));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
  }
  // Three sums of 45 products of alpha, which is below 1, and a bias below 1.5.
  CHECK(test::difference(y, sum, 3 * 46 * 46 * test::kUnit) == "");
}

TEST_CASE("sttn of three branches: backward applies the rule that was asked for") {
  const Device device = test::each_device();
  const Tensor x = test::random_ternary({2, 4, 5, 5}, 3);
  const Tensor dz = test::random_tensor({2, 4, 5, 7}, 4).to(device);
  for (const std::string& name : weight_gradient_rule_names()) {
    INFO(name);
    const auto layer = random_layer(weight_gradient_rule(name), false);
    layer->to(device);
    const TernaryConv2d::Integer z = layer->integer_forward(TernaryVariable(Variable(x.to(device))), false);
    z.z.values.backward(dz);
    const auto parameters = parameters_of(*layer);
    const auto latent = [&](const char* branch) { return parameters.at(std::string(branch) + ".weight"); };
    const kernels::ThreeBranches w{latent("1").value(), latent("2").value(), latent("3").value()};
    const Tensor dt =
        kernels::conv2d_backward_weights(dz, test::converted<float>(x).to(device), w[0].shape(), kParameters);
    const kernels::ThreeBranches expected =
        kernels::three_branch_weights_backward(dt, w, z.scale.value(), weight_gradient_rule(name));
    CHECK(test::bit_difference(latent("1").grad(), expected[0]) == "");
    CHECK(test::bit_difference(latent("2").grad(), expected[1]) == "");
    CHECK(test::bit_difference(latent("3").grad(), expected[2]) == "");
  }
}

TEST_CASE("sttn of three branches: floats start as their nearest levels, with the least-squares scale") {
  const auto weights = three_branch_sttn()({4, 3, 3, 8}, true);
  const Tensor v = test::random_tensor({4, 3, 3, 8}, 5, -0.3F, 0.3F), bias = test::random_tensor({4}, 6);
  weights->start_from({v, bias});
  const MergedWeights merged = weights->merged();
  const std::int64_t n = 72;
  for (std::int64_t o = 0; o < 4; ++o) {
    double mean = 0, products = 0, squares = 0;
    for (std::int64_t i = o * n; i < (o + 1) * n; ++i) mean += std::abs(double{v.data<float>()[i]}) / n;
    for (std::int64_t i = o * n; i < (o + 1) * n; ++i) {
      const double value = v.data<float>()[i];
      const int level = (std::abs(value) > 1.25 * mean ? 3 : 1) * (value < 0 ? -1 : 1);
      CHECK(int{merged.ternary.data<std::int8_t>()[i]} == level);
      products += value * level;
      squares += level * level;
    }
    CHECK(merged.scale.data<float>()[o] == Approx(products / squares).epsilon(1e-5));
    CHECK(merged.bias.data<float>()[o] == Approx(bias.data<float>()[o]).epsilon(1e-6));
  }
  // Back to floats: V times a factor of each filter.
  const FloatWeights floats = weights->to_float();
  for (std::int64_t o = 0; o < 4; ++o) {
    const float factor = floats.weight.data<float>()[o * n] / v.data<float>()[o * n];
    for (std::int64_t i = o * n; i < (o + 1) * n; ++i) {
      CHECK(floats.weight.data<float>()[i] == Approx(factor * v.data<float>()[i]).margin(1e-6));
    }
  }
}

TEST_CASE("sttn of three branches: a method of four levels, made by the option branches") {
  TernaryMethodOptions options;
  options.branches = 3;
  const auto three = ternary_method("sttn", options)({2, 3}, false),
             two = ternary_method("sttn")({2, 3}, false);
  CHECK(three->method() == "sttn");
  CHECK(three->levels() == WeightLevels::four);
  CHECK(two->levels() == WeightLevels::three);
  CHECK(three->latent().parameters.size() == 3);
  CHECK(two->latent().parameters.size() == 2);
}
