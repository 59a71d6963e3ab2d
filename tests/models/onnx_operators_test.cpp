// Each operator of a graph in ONNX, decoded and compared with the graph and its tensors.
#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

#include "tern/core/error.h"
#include "tern/layers/graph/builder.h"
#include "tern/models/onnx/export.h"
#include "tern/models/onnx/model_writer.h"
#include "tests/models/onnx_reader.h"
#include "tests/support/catch.h"

using namespace tern;
using Catch::Contains;
using graph::Graph;
using graph::Window;
using test::constant_values;
using test::find_operation;
using test::Integers;
using test::Model;
using test::Operation;

namespace {

using Names = std::vector<std::string>;
using Floats = std::vector<float>;
using State = std::map<std::string, Tensor>;

constexpr Window kWindow{3, 2, 2, 1, 1, 0};  // Every number differs from its neighbour.

// A network of `body` behind an image; what is not (C) is flattened.
Graph graph_of(const Shape& image, const std::function<Value(GraphBuilder&, Value)>& body) {
  GraphBuilder builder;
  Value y = body(builder, builder.input(image));
  if (builder.shape(y).rank() == 3) y = builder.flatten("flat", y);
  return std::move(builder).finish(y);
}

// Tensors for all parameters; the elements of each are different numbers, or the values of ternary weights in
// turns.
State state_of(const Graph& graph) {
  State state;
  for (const graph::Node& node : graph.nodes) {
    for (const graph::Parameter& parameter : node.parameters) {
      const auto count = static_cast<std::size_t>(parameter.shape.numel());
      Floats values(count);
      std::vector<std::int8_t> trits(count);
      for (std::size_t i = 0; i < count; ++i) {
        values[i] = 0.25F + static_cast<float>(i) / 8;
        trits[i] = node.levels == WeightLevels::four
                       ? static_cast<std::int8_t>(2 * static_cast<int>(i * i % 3 + i % 2) - 3)
                       : static_cast<std::int8_t>(static_cast<int>(i * i % 3 + i % 2) - 1);
      }
      const bool ternary = graph::is_ternary(node.op) && parameter.role == "weight";
      state.emplace(parameter.name,
                    ternary ? Tensor::from(parameter.shape, trits) : Tensor::from(parameter.shape, values));
    }
  }
  return state;
}

struct Export {
  State state;
  Model model;

  Export(const Shape& image, const std::function<Value(GraphBuilder&, Value)>& body) {
    const Graph graph = graph_of(image, body);
    state = state_of(graph);
    model = test::read_model(onnx_model(graph, state, {}));
  }
  const Operation& operation(const std::string& name) const { return find_operation(model, name); }
  const Integers& shape(const std::string& constant) const { return model.constants.at(constant).shape; }
  Floats floats(const std::string& constant) const { return constant_values<float>(model, constant); }
  Floats tensor(const std::string& name) const { return state.at(name).to_vector<float>(); }

  // The windows of ONNX are (height, width), their paddings (top, left, bottom, right).
  void check_window(const std::string& name) const {
    INFO(name);
    const auto& attributes = operation(name).attributes;
    CHECK(attributes.at("kernel_shape") == Integers{3, 2});
    CHECK(attributes.at("strides") == Integers{2, 1});
    CHECK(attributes.at("pads") == Integers{1, 0, 1, 0});
  }
  void check(const std::string& name, const std::string& op, const Names& inputs) const {
    INFO(name);
    CHECK(operation(name).op == op);
    CHECK(operation(name).inputs == inputs);
  }
};

// (O, KH, KW, I) to (O, I, KH, KW)
template <class T>
std::vector<T> transposed(const Tensor& ohwi) {
  const std::vector<T> from = ohwi.to_vector<T>();
  const auto pixels = static_cast<std::size_t>(ohwi.dim(1) * ohwi.dim(2)),
             channels = static_cast<std::size_t>(ohwi.dim(3));
  std::vector<T> to(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t filter = i / (pixels * channels), pixel = i / channels % pixels, channel = i % channels;
    to[(filter * channels + channel) * pixels + pixel] = from[i];
  }
  return to;
}

void check_fails(const Graph& graph, const State& state, const std::string& message) {
  CHECK_THROWS_WITH(onnx_model(graph, state, {}), message);
}

}  // namespace

TEST_CASE("onnx: a convolution of an image is patches times a matrix") {
  const Export e({6, 5, 3}, [](GraphBuilder& g, Value x) { return g.conv2d("conv", x, 4, kWindow, true); });
  e.check("conv.patches", "Conv", {"images", "conv.select"});
  e.check_window("conv.patches");
  // Patch element i is element i of the window in Tern's order: row, column, channel.
  CHECK(e.shape("conv.select") == Integers{18, 3, 3, 2});
  Floats identity(18 * 18);
  for (std::size_t i = 0; i < 18; ++i) identity[i * 19] = 1;
  CHECK(e.floats("conv.select") == transposed<float>(Tensor::from({18, 3, 2, 3}, identity)));
  CHECK(e.shape("conv.weight") == Integers{4, 18});
  CHECK(e.floats("conv.weight") == e.tensor("conv.weight"));
  e.check("conv.weight.columns", "Transpose", {"conv.weight"});
  CHECK(e.operation("conv.weight.columns").attributes.at("perm") == Integers{1, 0});
  e.check("conv.patches.channels_last", "Transpose", {"conv.patches"});
  CHECK(e.operation("conv.patches.channels_last").attributes.at("perm") == Integers{0, 2, 3, 1});
  e.check("conv.channels_last", "MatMul", {"conv.patches.channels_last", "conv.weight.columns"});
  e.check("conv.product", "Transpose", {"conv.channels_last"});
  CHECK(e.operation("conv.product").attributes.at("perm") == Integers{0, 3, 1, 2});
  e.check("conv", "Add", {"conv.product", "conv.bias"});
  CHECK(e.shape("conv.bias") == Integers{4, 1, 1});
  CHECK(e.floats("conv.bias") == e.tensor("conv.bias"));
}

TEST_CASE("onnx: a convolution of more than 8 channels is a Conv with weights O, I, KH, KW") {
  const Export e({6, 5, 9}, [](GraphBuilder& g, Value x) { return g.conv2d("conv", x, 5, kWindow, true); });
  e.check("conv", "Conv", {"images", "conv.weight", "conv.bias"});
  e.check_window("conv");
  CHECK(e.shape("conv.weight") == Integers{5, 9, 3, 2});
  CHECK(e.floats("conv.weight") == transposed<float>(e.state.at("conv.weight")));
  CHECK(e.shape("conv.bias") == Integers{5});
  CHECK(e.floats("conv.bias") == e.tensor("conv.bias"));
}

TEST_CASE("onnx: a convolution of more than 256 products is a Conv, one of 256 is not") {
  const Export e({12, 12, 8}, [](GraphBuilder& g, Value x) {
    const Value first = g.conv2d("first", x, 8, {8, 4, 1, 1, 0, 0}, false);
    return g.conv2d("second", first, 2, {3, 11, 1, 1, 1, 1}, false);
  });
  e.check("first", "Transpose", {"first.channels_last"});
  e.check("second", "Conv", {"first", "second.weight"});
}

TEST_CASE("onnx: a linear layer is a Gemm with a transposed weight") {
  const Export e({1, 1, 6}, [](GraphBuilder& g, Value x) {
    return g.linear("last", g.linear("first", g.flatten("flat", x), 4, false), 3, true);
  });
  e.check("first", "Gemm", {"flat", "first.weight"});
  CHECK(e.operation("first").attributes.at("transB") == Integers{1});
  CHECK(e.shape("first.weight") == Integers{4, 6});
  CHECK(e.floats("first.weight") == e.tensor("first.weight"));
  e.check("logits", "Gemm", {"first", "last.weight", "last.bias"});  // the network's result
  CHECK(e.floats("last.bias") == e.tensor("last.bias"));
}

TEST_CASE("onnx: a ternary convolution is int8 weights, a Conv of integers, then the scale and the bias") {
  const WeightLevels levels = GENERATE(WeightLevels::three, WeightLevels::four);
  const Export e({6, 5, 3}, [levels](GraphBuilder& g, Value x) {
    return g.ternary_conv2d("conv", x, 4, kWindow, true, levels);
  });
  CHECK(e.model.constants.at("conv.weight").type == 3);  // int8
  CHECK(e.shape("conv.weight") == Integers{4, 3, 3, 2});
  CHECK(constant_values<std::int8_t>(e.model, "conv.weight") ==
        transposed<std::int8_t>(e.state.at("conv.weight")));
  e.check("conv.weight.float", "DequantizeLinear", {"conv.weight", "constant.1"});
  CHECK(e.floats("constant.1") == Floats{1});
  e.check("conv.z", "Conv", {"images", "conv.weight.float"});
  e.check_window("conv.z");
  e.check("conv.scaled", "Mul", {"conv.z", "conv.scale"});
  CHECK(e.shape("conv.scale") == Integers{4, 1, 1});
  CHECK(e.floats("conv.scale") == e.tensor("conv.scale"));
  e.check("conv", "Add", {"conv.scaled", "conv.bias"});
  CHECK(e.shape("conv.bias") == Integers{4, 1, 1});
}

TEST_CASE("onnx: a ternary linear layer is a Gemm of integers, then the scale and the bias") {
  const Export e({1, 2, 3}, [](GraphBuilder& g, Value x) {
    return g.ternary_linear("last", g.ternary_linear("first", g.flatten("flat", x), 5, false), 4, true);
  });
  CHECK(e.shape("first.weight") == Integers{5, 6});
  CHECK(constant_values<std::int8_t>(e.model, "first.weight") ==
        e.state.at("first.weight").to_vector<std::int8_t>());
  e.check("first.z", "Gemm", {"flat", "first.weight.float"});
  CHECK(e.operation("first.z").attributes.at("transB") == Integers{1});
  e.check("first", "Mul", {"first.z", "first.scale"});
  CHECK(e.shape("first.scale") == Integers{5});
  e.check("last.scaled", "Mul", {"last.z", "last.scale"});
  e.check("logits", "Add", {"last.scaled", "last.bias"});
  CHECK(e.floats("last.bias") == e.tensor("last.bias"));
}

TEST_CASE("onnx: batch norm and PReLU meet the channels of images and of vectors") {
  const Export e({2, 2, 3}, [](GraphBuilder& g, Value x) {
    const Value image = g.prelu("prelu", g.batch_norm("norm", x));
    return g.prelu("prelu_flat", g.batch_norm("norm_flat", g.global_avg_pool2d("mean", image)));
  });
  for (const char* constant : {"norm.mean", "norm.gain", "norm.bias", "prelu.weight"})
    CHECK(e.shape(constant) == Integers{3, 1, 1});
  for (const char* constant : {"norm_flat.mean", "norm_flat.gain", "norm_flat.bias", "prelu_flat.weight"})
    CHECK(e.shape(constant) == Integers{3});
  e.check("norm.centred", "Sub", {"images", "norm.mean"});
  e.check("norm.scaled", "Mul", {"norm.centred", "norm.gain"});
  e.check("norm", "Add", {"norm.scaled", "norm.bias"});
  CHECK(e.floats("norm.mean") == e.tensor("norm.running_mean"));
  CHECK(e.floats("norm.bias") == e.tensor("norm.bias"));
  e.check("prelu", "PRelu", {"norm", "prelu.weight"});
  CHECK(e.floats("prelu.weight") == e.tensor("prelu.weight"));
}

TEST_CASE("onnx: an RPReLU is a PReLU between sums, learned thresholds are constants per channel") {
  const Export e({2, 2, 3}, [](GraphBuilder& g, Value x) {
    return g.threshold_activation("bits", g.rprelu("rprelu", x));
  });
  e.check("rprelu.shifted", "Add", {"images", "rprelu.shift"});
  e.check("rprelu.prelu", "PRelu", {"rprelu.shifted", "rprelu.weight"});
  e.check("rprelu", "Add", {"rprelu.prelu", "rprelu.bias"});
  e.check("bits.upper.holds", "GreaterOrEqual", {"rprelu", "bits.high"});
  e.check("bits.lower.holds", "Less", {"rprelu", "bits.low"});
  e.check("bits", "Sub", {"bits.upper", "bits.lower"});
  for (const char* constant : {"rprelu.shift", "rprelu.weight", "rprelu.bias", "bits.low", "bits.high"}) {
    CHECK(e.shape(constant) == Integers{3, 1, 1});
    CHECK(e.floats(constant) == e.tensor(constant));
  }
}

TEST_CASE("onnx: ReLU, hardtanh and the activations of -1, 0, 1") {
  const Export e({2, 2, 3}, [](GraphBuilder& g, Value x) {
    const Value clipped = g.hardtanh("clip", g.relu("relu", x));
    return g.add("sum", g.ternary_activation("ternary", clipped), g.binary_activation("sign", clipped));
  });
  e.check("relu", "Relu", {"images"});
  e.check("clip", "Clip", {"relu", "constant.-1", "constant.1"});
  e.check("ternary.upper.holds", "GreaterOrEqual", {"clip", "constant.0.5"});
  e.check("ternary.lower.holds", "Less", {"clip", "constant.-0.5"});
  e.check("ternary.upper", "Cast", {"ternary.upper.holds"});
  CHECK(e.operation("ternary.upper").attributes.at("to") == Integers{1});
  e.check("ternary", "Sub", {"ternary.upper", "ternary.lower"});
  e.check("sign.negative", "Less", {"clip", "constant.0"});
  e.check("sign", "Where", {"sign.negative", "constant.-1", "constant.1"});
  e.check("sum", "Add", {"ternary", "sign"});
  const std::map<std::string, float> scalars{{"constant.-1", -1.0F},
                                             {"constant.0", 0.0F},
                                             {"constant.1", 1.0F},
                                             {"constant.0.5", 0.5F},
                                             {"constant.-0.5", -0.5F}};
  for (const auto& [name, value] : scalars) {
    CHECK(e.floats(name) == Floats{value});
    CHECK(e.shape(name).empty());
  }
}

TEST_CASE("onnx: pools keep their windows, and padding counts in averages") {
  const Export e({9, 9, 3}, [](GraphBuilder& g, Value x) {
    return g.avg_pool2d("average", g.max_pool2d("max", x, kWindow), kWindow);
  });
  e.check("max", "MaxPool", {"images"});
  e.check_window("max");
  e.check("average", "AveragePool", {"max"});
  e.check_window("average");
  CHECK(e.operation("average").attributes.at("count_include_pad") == Integers{1});
}

TEST_CASE("onnx: the global average is flattened to channels") {
  const Export e({2, 3, 4}, [](GraphBuilder& g, Value x) { return g.global_avg_pool2d("mean", x); });
  e.check("mean.mean", "GlobalAveragePool", {"images"});
  e.check("logits", "Flatten", {"mean.mean"});
}

TEST_CASE("onnx: zero channels are appended behind the last") {
  const Export e({2, 2, 3}, [](GraphBuilder& g, Value x) { return g.pad_channels("pad", x, 8); });
  e.check("pad", "Pad", {"images", "pad.pads"});
  CHECK(constant_values<std::int64_t>(e.model, "pad.pads") == Integers{0, 0, 0, 0, 0, 5, 0, 0});
}

TEST_CASE("onnx: an image is flattened in Tern's order, row, column, channel") {
  const Export e({2, 3, 4},
                 [](GraphBuilder& g, Value x) { return g.flatten("again", g.flatten("flat", x)); });
  e.check("flat.channels_last", "Transpose", {"images"});
  CHECK(e.operation("flat.channels_last").attributes.at("perm") == Integers{0, 2, 3, 1});
  e.check("flat", "Flatten", {"flat.channels_last"});
  e.check("logits", "Flatten", {"flat"});  // a vector already
  CHECK(e.model.inputs[0].shape == Names{"batch", "4", "2", "3"});
  CHECK(e.model.outputs[0].shape == Names{"batch", "24"});
}

TEST_CASE("onnx: a ternary layer that is not merged is refused by name") {
  const Graph graph = graph_of({4, 4, 3}, [](GraphBuilder& g, Value x) {
    return g.ternary_conv2d("block.conv", x, 2, Window{}, LatentWeights{"sttn", {}});
  });
  check_fails(graph, {},
              "onnx: block.conv: its weights are still trained (sttn); only merged networks are exported, "
              "see tern-merge");
}

TEST_CASE("onnx: tensors that are missing or of another shape or dtype are refused by name") {
  const Graph graph = graph_of(
      {4, 4, 3}, [](GraphBuilder& g, Value x) { return g.ternary_conv2d("conv", x, 2, Window{}, false); });
  State state = state_of(graph);
  state.at("conv.scale") = Tensor::from<float>({3}, {1, 1, 1});
  check_fails(graph, state, "onnx: conv: tensor conv.scale is f32 (3,), expected f32 (2,)");
  state.at("conv.weight") = Tensor::from<float>({2, 1, 1, 3}, Floats(6));
  check_fails(graph, state, "onnx: conv: tensor conv.weight is f32 (2, 1, 1, 3), expected i8 (2, 1, 1, 3)");
  state.erase("conv.weight");
  check_fails(graph, state, "onnx: conv: tensor conv.weight is missing");
}

TEST_CASE("onnx: two values of one name are refused") {
  const Graph graph = graph_of({4, 4, 3}, [](GraphBuilder& g, Value x) {
    return g.flatten("last", g.relu("logits", x));  // "logits" is what the result is called
  });
  check_fails(graph, {}, "onnx: two values would be called logits; rename the layer of this name");
}

TEST_CASE("onnx: constants are little-endian, and as many as their shape says") {
  onnx::ModelWriter writer;
  writer.constant("a", {2}, Floats{1, -2});
  const Model model = test::read_model(writer.model("g", {}));
  CHECK(model.constants.at("a").data == std::string("\0\0\x80\x3f\0\0\0\xc0", 8));
  CHECK_THROWS_AS(writer.constant("b", {2, 2}, Floats{1}), ShapeError);
}
