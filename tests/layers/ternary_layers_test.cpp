// The pair of binary branches and the merged layer as modules.
#include "tern/core/error.h"
#include "tern/layers/binary_branch_conv2d.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/ternary_conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

Conv2dOptions options(bool bias) {
  return {3, 4, 3, 1, 1, bias};
}

void fill(const Variable& parameter, std::uint32_t seed) {
  Variable handle = parameter;
  handle.mutable_value().copy_from(test::random_tensor(parameter.shape(), seed, -0.5F, 0.5F));
}

std::unique_ptr<BinaryBranchConv2d> random_pair(bool bias, Device device) {
  auto pair = std::make_unique<BinaryBranchConv2d>(options(bias), WeightGradientRule::official);
  std::uint32_t seed = 1;
  for (const auto& [name, parameter] : pair->named_parameters()) fill(parameter, seed++);
  pair->to(device);
  return pair;
}

}  // namespace

TEST_CASE("binary branch conv2d: its parameters bear the official names inside a network") {
  class Net : public Module {
   public:
    Net() {
      add_module("conv1", std::make_unique<BinaryBranchConv2d>(options(true), WeightGradientRule::official));
    }
    Variable forward(const Variable& x) override { return x; }
  };
  std::vector<std::string> names;
  for (const StateEntry& entry : state_dict(Net())) names.push_back(entry.name);
  CHECK(names ==
        std::vector<std::string>{"conv1_1.weight", "conv1_1.bias", "conv1_2.weight", "conv1_2.bias"});
}

TEST_CASE("binary branch conv2d: the output is the scaled integer convolution plus both biases") {
  const Device device = test::each_device();
  const auto pair = random_pair(true, device);
  const Variable x(test::random_ternary({2, 5, 5, 3}, 9).to(device));
  const TernaryConvolution::Integer integer = pair->integer_forward(x, false);
  const std::vector<float> y = pair->forward(x).value().to_vector<float>();
  const std::vector<std::int16_t> z = integer.z.values.value().to_vector<std::int16_t>();
  const std::vector<float> scale = integer.scale.to_vector<float>();
  const std::vector<float> bias = pair->bias_value().to_vector<float>();
  REQUIRE(y.size() == z.size());
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == z[i] * scale[i % 4] + bias[i % 4]);
}

TEST_CASE("binary branch conv2d: training reaches both branches and both biases") {
  const Device device = test::each_device();
  const auto pair = random_pair(true, device);
  const Variable y = pair->forward(Variable(test::random_ternary({2, 5, 5, 3}, 9).to(device)));
  y.backward(test::random_tensor(y.shape(), 3).to(device));
  for (const auto& [name, parameter] : pair->named_parameters()) {
    INFO(name);
    REQUIRE(parameter.grad().defined());
    float largest = 0;
    for (const float g : parameter.grad().to_vector<float>()) largest = std::max(largest, std::abs(g));
    CHECK(largest > 0);
  }
}

TEST_CASE("ternary conv2d layer: computes what the pair it was made of computes") {
  const Device device = test::each_device();
  const auto pair = random_pair(false, device);
  TernaryConv2d merged(options(false));
  merged.to(device);
  const BinaryBranchWeights weights = pair->weights();
  load_state(merged, {{"weight", weights.ternary.value()}, {"scale", weights.scale}});
  merged.check();
  const Variable x(test::random_ternary({2, 5, 5, 3}, 9).to(device));
  CHECK(merged.forward(x).value().to_vector<float>() == pair->forward(x).value().to_vector<float>());
  CHECK(merged.zero_fraction() == pair->zero_fraction());
  CHECK(merged.zero_fraction() > 0);
}

TEST_CASE("ternary conv2d layer: weights that are not ternary and scales that are not positive are found") {
  TernaryConv2d layer(options(false));
  layer.check();
  Tensor weight = Tensor::zeros({4, 3, 3, 3}, DType::i8);
  load_state(layer, {{"weight", weight}, {"scale", Tensor::full({4}, -1)}});
  CHECK_THROWS_AS(layer.check(), DataError);
  weight.data<std::int8_t>()[7] = 2;
  load_state(layer, {{"weight", weight}, {"scale", Tensor::zeros({4})}});
  CHECK_THROWS_AS(layer.check(), DataError);
}
