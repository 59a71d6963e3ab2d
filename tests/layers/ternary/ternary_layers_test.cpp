// Layers with ternary weights: what holds for every method, and the official names of STTN.
#include "tern/core/error.h"
#include "tern/layers/functions/reshape.h"
#include "tern/layers/functions/ternary_conv2d.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/ternary/lsq.h"
#include "tern/layers/ternary/methods.h"
#include "tern/layers/ternary/ternary_conv2d.h"
#include "tern/layers/ternary/ternary_linear.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

constexpr const char* kMethods[] = {"sttn", "twn", "lsq", "threshold", "binary"};

Conv2dOptions options(bool bias) {
  return {3, 4, 3, 1, 1, bias};
}

void fill(const Variable& parameter, std::uint32_t seed) {
  Variable handle = parameter;
  handle.mutable_value().copy_from(test::random_tensor(parameter.shape(), seed, -0.5F, 0.5F));
}

void fill_all(Module& layer, Device device) {
  std::uint32_t seed = 1;
  for (const auto& [name, parameter] : layer.named_parameters()) {
    // LSQ's comes from the weights; that of "threshold" has its own first value.
    if (name != "step" && name != "threshold") fill(parameter, seed++);
  }
  layer.to(device);
}

std::unique_ptr<TernaryConv2d> random_layer(const std::string& method, bool bias, Device device) {
  auto layer = std::make_unique<TernaryConv2d>(options(bias), ternary_method(method));
  fill_all(*layer, device);
  return layer;
}

}  // namespace

TEST_CASE("sttn: its parameters bear the official names inside a network") {
  class Net : public Module {
   public:
    Net() { add_module("conv1", std::make_unique<TernaryConv2d>(options(true), sttn())); }
    Variable forward(const Variable& x) override { return x; }
  };
  std::vector<std::string> names;
  for (const StateEntry& entry : state_dict(Net())) names.push_back(entry.name);
  CHECK(names ==
        std::vector<std::string>{"conv1_1.weight", "conv1_1.bias", "conv1_2.weight", "conv1_2.bias"});
}

TEST_CASE("ternary conv2d: the output is the scaled integer convolution plus the bias, by every method") {
  const Device device = test::each_device();
  for (const std::string method : kMethods) {
    INFO(method);
    const auto layer = random_layer(method, true, device);
    const Variable x(test::random_ternary({2, 5, 5, 3}, 9).to(device));
    const TernaryConv2d::Integer integer = layer->integer_forward(x, false);
    const std::vector<float> y = layer->forward(x).value().to_vector<float>();
    const std::vector<std::int16_t> z = integer.z.values.value().to_vector<std::int16_t>();
    const std::vector<float> scale = integer.scale.value().to_vector<float>();
    const std::vector<float> bias = layer->bias_value().to_vector<float>();
    REQUIRE(y.size() == z.size());
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == z[i] * scale[i % 4] + bias[i % 4]);
  }
}

TEST_CASE("ternary conv2d: training reaches every parameter of every method") {
  const Device device = test::each_device();
  for (const std::string method : kMethods) {
    const auto layer = random_layer(method, true, device);
    const Variable y = layer->forward(Variable(test::random_ternary({2, 5, 5, 3}, 9).to(device)));
    y.backward(test::random_tensor(y.shape(), 3).to(device));
    for (const auto& [name, parameter] : layer->named_parameters()) {
      INFO(method << " " << name);
      REQUIRE(parameter.has_grad());
      float largest = 0;
      for (const float g : parameter.grad().to_vector<float>()) largest = std::max(largest, std::abs(g));
      CHECK(largest > 0);
    }
  }
}

TEST_CASE("merged weights: a layer with them computes what the trained layer computes, by every method") {
  const Device device = test::each_device();
  for (const std::string method : kMethods) {
    INFO(method);
    const auto trained = random_layer(method, false, device);
    const MergedWeights weights = trained->merged_weights();
    const Variable x(test::random_ternary({2, 5, 5, 3}, 9).to(device));
    const Variable y =
        scaled_ternary_conv2d(x, Variable(weights.ternary), Variable(weights.scale), Variable(), {1, 1});
    CHECK(test::bit_difference(y.value(), trained->forward(x).value()) == "");
    CHECK((trained->zero_fraction() > 0) == (method != "binary"));
  }
}

TEST_CASE("ternary linear: outputs and gradients are those of a 1x1 convolution, by every method") {
  const Device device = test::each_device();
  for (const std::string method : kMethods) {
    INFO(method);
    TernaryLinear linear(33, 5, ternary_method(method), true);
    TernaryConv2d conv({33, 5, 1, 1, 0, true}, ternary_method(method));
    fill_all(linear, device);
    fill_all(conv, device);
    const Tensor values = test::random_ternary({4, 33}, 9).to(device);
    const Variable x(values, true), pixels(values.reshape({4, 1, 1, 33}), true);
    const Variable y = linear.forward(x), expected = conv.forward(pixels);
    CHECK(test::bit_difference(y.value(), expected.value().reshape({4, 5})) == "");
    const Tensor dy = test::random_tensor({4, 5}, 3).to(device);
    y.backward(dy);
    expected.backward(dy.reshape({4, 1, 1, 5}));
    CHECK(test::bit_difference(x.grad(), pixels.grad().reshape({4, 33})) == "");
    const NamedVariables a = linear.named_parameters(), b = conv.named_parameters();
    for (std::size_t i = 0; i < a.size(); ++i) {
      CHECK(a[i].first == b[i].first);
      CHECK(test::bit_difference(a[i].second.grad(), b[i].second.grad().reshape(a[i].second.shape())) == "");
    }
    CHECK_THROWS_AS(linear.forward(pixels), ShapeError);
  }
}

TEST_CASE("ternary layers: the graph names the method and its parameters as the state does") {
  class Net : public Module {
   public:
    Net()
        : conv_(add_module("conv", std::make_unique<TernaryConv2d>(options(false), sttn()))),
          fc_(add_module("fc", std::make_unique<TernaryLinear>(36, 2, lsq(), true))) {}
    Variable forward(const Variable& x) override { return fc_.forward(flatten(conv_.forward(x))); }
    Value trace(GraphBuilder& graph, Value x) const override {
      return fc_.trace(graph, graph.flatten("flatten", conv_.trace(graph, x)));
    }

   private:
    TernaryConv2d& conv_;
    TernaryLinear& fc_;
  };
  const Net net;
  std::vector<std::string> state, traced, methods;
  for (const StateEntry& entry : state_dict(net)) state.push_back(entry.name);
  for (const graph::Node& node : trace_graph(net, {3, 3, 3}).nodes) {
    if (!node.method.empty()) methods.push_back(node.method);
    for (const graph::Parameter& parameter : node.parameters) traced.push_back(parameter.name);
  }
  CHECK(traced == state);
  CHECK(state ==
        std::vector<std::string>{"conv_1.weight", "conv_2.weight", "fc.weight", "fc.bias", "fc.step"});
  CHECK(methods == std::vector<std::string>{"sttn", "lsq"});
}
