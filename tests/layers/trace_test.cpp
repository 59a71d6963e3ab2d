#include "tern/core/error.h"
#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/conv2d.h"
#include "tern/layers/graph/json.h"
#include "tern/layers/linear.h"
#include "tern/layers/pooling.h"
#include "tern/layers/sequential.h"
#include "tests/support/catch.h"

using namespace tern;
using Catch::Contains;

namespace {

Conv2dOptions convolution(std::int64_t in_channels, std::int64_t out_channels) {
  Conv2dOptions options;
  options.in_channels = in_channels;
  options.out_channels = out_channels;
  options.stride = 2;
  options.padding = 1;
  options.bias = true;
  return options;
}

std::unique_ptr<Sequential> small_network() {
  auto network = std::make_unique<Sequential>();
  network->add(std::make_unique<Conv2d>(convolution(3, 8)));
  network->add(std::make_unique<BatchNorm2d>(8));
  network->add(std::make_unique<PReLU>(8));
  network->add(std::make_unique<MaxPool2d>(kernels::PoolWindow{3, 2, 1}));
  network->add(std::make_unique<GlobalAvgPool2d>());
  network->add(std::make_unique<Linear>(8, 5));
  return network;
}

struct Untraced : Module {
  Variable forward(const Variable& x) override { return x; }
};

}  // namespace

TEST_CASE("trace: a network gives nodes with the paths, shapes and parameters of its layers") {
  const graph::Graph graph = trace_graph(*small_network(), {32, 30, 3});
  REQUIRE(graph.nodes.size() == 7);
  CHECK(graph.input().output == Shape{32, 30, 3});
  const graph::Node& conv = graph.nodes[1];
  CHECK(conv.name == "0");
  CHECK(conv.op == graph::Operator::conv2d);
  CHECK(conv.output == Shape{16, 15, 8});
  CHECK(conv.window == graph::Window::square(3, 2, 1));
  CHECK(conv.parameter("weight").name == "0.weight");
  CHECK(conv.parameter("weight").shape == Shape{8, 3, 3, 3});
  CHECK(conv.parameter("bias").shape == Shape{8});
  CHECK(graph.nodes[2].parameter("running_var").name == "1.running_var");
  CHECK(graph.nodes[4].output == Shape{8, 8, 8});
  CHECK(graph.classes() == 5);
  CHECK(multiply_adds(graph, conv) == 16 * 15 * 8 * 27);
  CHECK(multiply_adds(graph, graph.nodes[6]) == 40);
}

TEST_CASE("trace: a module without a trace trains, and is named where a graph is wanted") {
  Sequential network;
  network.add(std::make_unique<Linear>(4, 4));
  network.add(std::make_unique<Untraced>());
  CHECK(network.forward(Variable(Tensor::zeros({1, 4}))).shape() == Shape{1, 4});
  GraphBuilder builder;
  const Value x = builder.flatten("flat", builder.input({1, 1, 4}));
  CHECK_THROWS_WITH(network.trace(builder, x), Contains("1: this module cannot be described"));
}

TEST_CASE("graph: JSON gives the same graph back") {
  const std::string text = to_json(trace_graph(*small_network(), {32, 30, 3}));
  CHECK(to_json(graph::parse_graph(text)) == text);
}

TEST_CASE("graph: weights of four levels, in training and merged, are in the JSON, ternary ones are not") {
  GraphBuilder builder;
  const Value x = builder.input({4, 4, 3});
  const graph::Window w;
  Value y = builder.ternary_conv2d("a", x, 2, w, true, WeightLevels::four);
  y = builder.ternary_conv2d("b", y, 2, w, LatentWeights{"sttn", {}, WeightLevels::four});
  y = builder.flatten("flat", builder.ternary_conv2d("c", y, 2, w, false));
  y = builder.ternary_linear("d", y, 3, false, WeightLevels::four);
  const graph::Graph graph =
      std::move(builder).finish(builder.ternary_linear("e", y, 3, LatentWeights{"twn", {}}));
  CHECK(graph::has_four_levels(graph));
  const std::string text = to_json(graph);
  const graph::Graph again = graph::parse_graph(text);
  CHECK(to_json(again) == text);
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const std::string& name = graph.nodes[i].name;
    INFO(name);
    const bool four = name == "a" || name == "b" || name == "d";
    CHECK(again.nodes[i].levels == (four ? WeightLevels::four : WeightLevels::three));
  }
  CHECK_FALSE(graph::has_four_levels(trace_graph(*small_network(), {32, 30, 3})));
}

TEST_CASE("graph: JSON that is no graph is refused by the name of its node") {
  const auto nodes = [](const std::string& rest) {
    return R"({"nodes": [{"name": "images", "op": "input", "shape": [8, 8, 3]})" + rest +
           R"(], "output": "a"})";
  };
  const auto refused = [](const std::string& text, const std::string& reason) {
    INFO(text);
    CHECK_THROWS_WITH(graph::parse_graph(text), Contains(reason));
    CHECK_THROWS_AS(graph::parse_graph(text), DataError);
  };
  refused("{", "graph: ");
  refused("{}", "expected {\"nodes\"");
  refused(nodes(""), "no node \"a\"");
  refused(nodes(R"(, {"name": "a", "op": "relu"})"), "a: the network's result is (8, 8, 3)");
  refused(nodes(R"(, {"name": "a", "op": "conv3d"})"), "a: the operator \"conv3d\" is not known");
  refused(nodes(R"(, {"name": "a", "op": "conv2d", "channels": 4})"), "a: \"window\" is missing");
  refused(nodes(R"(, {"name": "a", "op": "conv2d", "channels": 4, "window": [9, 9, 1, 1, 0, 0]})"),
          "a: the input (8, 8, 3) is too small");
  refused(nodes(R"(, {"name": "a", "op": "max_pool2d", "window": [3, 3, 1, 1, 2, 2]})"), "half the window");
  refused(nodes(R"(, {"name": "a", "op": "conv2d", "channels": 0, "window": [1, 1, 1, 1, 0, 0]})"),
          "a: 0 output channels");
  refused(nodes(R"(, {"name": "a", "op": "linear", "channels": 4})"), "a: the input of linear is (8, 8, 3)");
  refused(nodes(R"(, {"name": "a", "op": "relu", "inputs": ["b"]})"), "a: there is no node \"b\" before it");
  refused(nodes(R"(, {"name": "a", "op": "add", "inputs": ["images"]})"), "a: 1 inputs, expected 2");
  refused(nodes(R"(, {"name": "images", "op": "relu"})"), "images: two nodes have this name");
  refused(nodes(R"(, {"name": "a", "op": "relu", "slope": 1})"), "a: unknown key \"slope\"");
  refused(nodes(R"(, {"name": "a", "op": "ternary_conv2d", "channels": 1, "window": [1, 1, 1, 1, 0, 0],
                     "levels": 5})"),
          "a: \"levels\" of the weights is not 4");
  refused(nodes(R"(, {"name": "a", "op": "relu", "levels": 4})"), "a: unknown key \"levels\"");
  refused(nodes(R"(, {"name": "a", "op": "input", "shape": [1, 1, 1]})"), "a: the first node, and no other");
}
