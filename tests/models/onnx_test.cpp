#include <algorithm>
#include <protozero/pbf_reader.hpp>
#include <set>

#include "core/error.h"
#include "layers/state_dict.h"
#include "models/initialise.h"
#include "models/merge.h"
#include "models/onnx/graph.h"
#include "models/onnx/network.h"
#include "models/resnet.h"
#include "tests/support/catch.h"

using namespace tern;
using protozero::pbf_reader;

namespace {

struct Operation {
  std::string op, name;
  std::vector<std::string> inputs, outputs;
};

struct Constant {
  std::vector<std::int64_t> shape;
  std::int32_t type = 0;
  std::string data;
};

/// What the tests need of a model, read field by field; the numbers are those of onnx.proto.
struct Model {
  std::int64_t ir_version = 0, opset = 0;
  std::vector<Operation> nodes;
  std::map<std::string, Constant> constants;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, std::string> metadata;
};

Operation read_node(pbf_reader message) {
  Operation node;
  while (message.next()) {
    if (message.tag() == 1)
      node.inputs.push_back(message.get_string());
    else if (message.tag() == 2)
      node.outputs.push_back(message.get_string());
    else if (message.tag() == 3)
      node.name = message.get_string();
    else if (message.tag() == 4)
      node.op = message.get_string();
    else
      message.skip();
  }
  return node;
}

void read_constant(pbf_reader message, Model& model) {
  Constant constant;
  std::string name;
  while (message.next()) {
    if (message.tag() == 1)
      constant.shape.push_back(message.get_int64());
    else if (message.tag() == 2)
      constant.type = message.get_int32();
    else if (message.tag() == 8)
      name = message.get_string();
    else if (message.tag() == 9)
      constant.data = message.get_bytes();
    else
      message.skip();
  }
  CHECK(model.constants.emplace(name, constant).second);
}

std::string read_name(pbf_reader message) {
  REQUIRE(message.next(1));
  return message.get_string();
}

void read_graph(pbf_reader message, Model& model) {
  while (message.next()) {
    if (message.tag() == 1)
      model.nodes.push_back(read_node(message.get_message()));
    else if (message.tag() == 5)
      read_constant(message.get_message(), model);
    else if (message.tag() == 11)
      model.inputs.push_back(read_name(message.get_message()));
    else if (message.tag() == 12)
      model.outputs.push_back(read_name(message.get_message()));
    else
      message.skip();
  }
}

Model read_model(const std::string& bytes) {
  Model model;
  pbf_reader message(bytes);
  while (message.next()) {
    if (message.tag() == 1) {
      model.ir_version = message.get_int64();
    } else if (message.tag() == 7) {
      read_graph(message.get_message(), model);
    } else if (message.tag() == 8) {
      pbf_reader opset = message.get_message();
      REQUIRE(opset.next(2));
      model.opset = opset.get_int64();
    } else if (message.tag() == 14) {
      pbf_reader entry = message.get_message(), again = entry;
      REQUIRE((entry.next(1) && again.next(2)));
      model.metadata[entry.get_string()] = again.get_string();
    } else {
      message.skip();
    }
  }
  return model;
}

MergedNetwork merged_network(Stem stem) {
  const ResNetConfig config{BlockKind::sttn, stem, {8, 16}, {1, 2}, 10, 32};
  const auto pair = make_resnet(config);
  initialise(*pair, {}, 5);
  return merge(*pair, config);
}

std::size_t count(const Model& model, const std::string& op) {
  return static_cast<std::size_t>(std::count_if(model.nodes.begin(), model.nodes.end(),
                                                [&op](const Operation& node) { return node.op == op; }));
}

}  // namespace

TEST_CASE("onnx: every value is defined once, before its use, and leads from images to logits") {
  for (const Stem stem : {Stem::cifar, Stem::imagenet}) {
    const MergedNetwork merged = merged_network(stem);
    const Model model = read_model(onnx_model(*merged.network, merged.config, {{"class_names", "[]"}}));
    CHECK(model.ir_version == 8);
    CHECK(model.opset == 17);
    CHECK(model.inputs == std::vector<std::string>{"images"});
    CHECK(model.outputs == std::vector<std::string>{"logits"});
    CHECK(model.metadata == std::map<std::string, std::string>{{"class_names", "[]"}});
    std::set<std::string> known{"images"}, used;
    for (const auto& [name, constant] : model.constants) known.insert(name);
    for (const Operation& node : model.nodes) {
      INFO(node.name);
      for (const std::string& input : node.inputs) CHECK(known.count(input) == 1);
      used.insert(node.inputs.begin(), node.inputs.end());
      CHECK(node.outputs == std::vector<std::string>{node.name});
      CHECK(known.insert(node.name).second);
    }
    known.erase("logits");
    CHECK(used == known);  // nothing is left over
  }
}

TEST_CASE("onnx: the operators of a network of three blocks") {
  const MergedNetwork merged = merged_network(Stem::imagenet);
  const Model model = read_model(onnx_model(*merged.network, merged.config, {}));
  CHECK(count(model, "Conv") == 7);
  CHECK(count(model, "MatMul") == 1);
  CHECK(count(model, "DequantizeLinear") == 6);
  CHECK(count(model, "GreaterOrEqual") == 6);
  CHECK(count(model, "Less") == 6);
  CHECK(count(model, "PRelu") == 7);
  CHECK(count(model, "MaxPool") == 2);
  CHECK(count(model, "Pad") == 1);
  CHECK(count(model, "GlobalAveragePool") == 1);
  CHECK(count(model, "Gemm") == 1);
}

TEST_CASE("onnx: ternary weights are int8, channels first") {
  const MergedNetwork merged = merged_network(Stem::cifar);
  const Model model = read_model(onnx_model(*merged.network, merged.config, {}));
  const std::string name = "features.4.conv1.weight";
  const auto state = state_dict(*merged.network);
  const auto entry =
      std::find_if(state.begin(), state.end(), [&](const StateEntry& e) { return e.name == name; });
  REQUIRE(entry != state.end());
  const Constant& constant = model.constants.at(name);
  CHECK(constant.type == 3);
  CHECK(constant.shape == std::vector<std::int64_t>{16, 8, 3, 3});
  REQUIRE(constant.data.size() == 16 * 8 * 9);
  const auto* ohwi = entry->tensor.data<std::int8_t>();
  for (std::size_t o = 0; o < 16; ++o) {
    for (std::size_t i = 0; i < 8; ++i) {
      for (std::size_t k = 0; k < 9; ++k) {
        CHECK(static_cast<std::int8_t>(constant.data[(o * 8 + i) * 9 + k]) == ohwi[(o * 9 + k) * 8 + i]);
      }
    }
  }
}

TEST_CASE("onnx: constants are little-endian, and as many as their shape says") {
  onnx::Graph graph;
  graph.constant("a", {2}, std::vector<float>{1, -2});
  const Model model = read_model(graph.model("g", {}));
  CHECK(model.constants.at("a").data == std::string("\0\0\x80\x3f\0\0\0\xc0", 8));
  CHECK_THROWS_AS(graph.constant("b", {2, 2}, std::vector<float>{1}), ShapeError);
}

TEST_CASE("onnx: only merged networks are exported") {
  const auto network = make_resnet(resnet_by_name("cifar_resnet20_bwx2"));
  CHECK_THROWS_AS(onnx_model(*network, resnet_by_name("cifar_resnet20_bwx2"), {}), ConfigError);
}
