#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "tern/core/error.h"
#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/models/initialise.h"
#include "tern/models/merge.h"
#include "tern/models/onnx/export.h"
#include "tern/models/resnet.h"
#include "tests/models/onnx_reader.h"
#include "tests/models/resnets.h"
#include "tests/models/trained_network.h"
#include "tests/support/catch.h"

using namespace tern;
using test::Constant;
using test::constant_values;
using test::find_operation;
using test::Integers;
using test::Model;
using test::Operation;
using test::read_model;

namespace {

MergedNetwork merged_network(Stem stem) {
  const ResNetConfig config{BlockKind::sttn, stem, {8, 16}, {1, 2}, 10, {32, 48, 3}};
  const auto pair = make_resnet(config);
  initialise(*pair, {}, 5);
  return merge(*pair, config.image);
}

std::size_t count(const Model& model, const std::string& op) {
  return static_cast<std::size_t>(std::count_if(model.nodes.begin(), model.nodes.end(),
                                                [&op](const Operation& node) { return node.op == op; }));
}

void check_window(const Model& model, const std::string& name, std::int64_t size, std::int64_t stride,
                  std::int64_t padding) {
  const auto& attributes = find_operation(model, name).attributes;
  INFO(name);
  CHECK(attributes.at("kernel_shape") == Integers(2, size));
  CHECK(attributes.at("strides") == Integers(2, stride));
  CHECK(attributes.at("pads") == Integers(4, padding));
}

// A merged network whose norms and slopes differ from channel to channel, and its export.
struct Exported {
  std::map<std::string, Tensor> state;
  Model model;

  Exported() {
    const ResNetConfig config{BlockKind::sttn, Stem::imagenet, {8, 16}, {1, 2}, 10, {32, 32, 3}};
    const MergedNetwork merged = merge(*test::trained_network(config), config.image);
    state = merged.state;
    model = read_model(onnx_model(merged.graph, merged.state, {}));
  }
};

}  // namespace

TEST_CASE("onnx: every value is defined once, before its use, and leads from images to logits") {
  for (const Stem stem : {Stem::cifar, Stem::imagenet}) {
    const MergedNetwork merged = merged_network(stem);
    const Model model = read_model(onnx_model(merged.graph, merged.state, {{"class_names", "[]"}}));
    CHECK(model.ir_version == 8);
    CHECK(model.opset == 17);
    REQUIRE((model.inputs.size() == 1 && model.outputs.size() == 1));
    CHECK(model.inputs[0].name == "images");
    CHECK(model.inputs[0].shape == std::vector<std::string>{"batch", "3", "32", "48"});
    CHECK(model.outputs[0].name == "logits");
    CHECK(model.outputs[0].shape == std::vector<std::string>{"batch", "10"});
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
  const Model model = read_model(onnx_model(merged.graph, merged.state, {}));
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
  const Model model = read_model(onnx_model(merged.graph, merged.state, {}));
  const std::string name = "features.4.conv1.weight";
  const Tensor& weight = merged.state.at(name);
  const Constant& constant = model.constants.at(name);
  CHECK(constant.type == 3);
  CHECK(constant.shape == std::vector<std::int64_t>{16, 8, 3, 3});
  REQUIRE(constant.data.size() == 16 * 8 * 9);
  const auto* ohwi = weight.data<std::int8_t>();
  for (std::size_t o = 0; o < 16; ++o) {
    for (std::size_t i = 0; i < 8; ++i) {
      for (std::size_t k = 0; k < 9; ++k) {
        CHECK(static_cast<std::int8_t>(constant.data[(o * 8 + i) * 9 + k]) == ohwi[(o * 9 + k) * 8 + i]);
      }
    }
  }
}

TEST_CASE("onnx: windows have the sizes, strides and paddings of the network") {
  const Model model = Exported().model;
  check_window(model, "features.3", 3, 2, 1);
  check_window(model, "features.4.conv1.z", 3, 1, 1);
  check_window(model, "features.5.conv1.z", 3, 2, 1);
  check_window(model, "features.5.conv2.z", 3, 1, 1);
  check_window(model, "features.5.shortcut.pool", 2, 2, 0);
  CHECK(constant_values<std::int64_t>(model, "features.5.shortcut.pad.pads") ==
        Integers{0, 0, 0, 0, 0, 8, 0, 0});
  CHECK(find_operation(model, "logits").attributes.at("transB") == Integers{1});
}

TEST_CASE("onnx: activations are (t >= 0.5) - (t < -0.5), and shortcuts begin where the half does") {
  const Model model = Exported().model;
  using Names = std::vector<std::string>;
  CHECK(constant_values<float>(model, "constant.-0.5") == std::vector<float>{-0.5F});
  CHECK(constant_values<float>(model, "constant.0.5") == std::vector<float>{0.5F});
  const std::string t = "features.5.bn1", x = "features.5.ternary1";
  CHECK(find_operation(model, x + ".upper.holds").op == "GreaterOrEqual");
  CHECK(find_operation(model, x + ".upper.holds").inputs == Names{t, "constant.0.5"});
  CHECK(find_operation(model, x + ".lower.holds").op == "Less");
  CHECK(find_operation(model, x + ".lower.holds").inputs == Names{t, "constant.-0.5"});
  CHECK(find_operation(model, x).op == "Sub");
  CHECK(find_operation(model, x).inputs == Names{x + ".upper", x + ".lower"});
  CHECK(find_operation(model, "features.5.add1").inputs ==
        Names{"features.5.bn_add1", "features.5.shortcut.pad"});
  CHECK(find_operation(model, "features.5.add2").inputs == Names{"features.5.bn_add2", "features.5.prelu1"});
  CHECK(find_operation(model, "features.6.add1").inputs == Names{"features.6.bn_add1", "features.5.prelu2"});
}

TEST_CASE("onnx: norms, scales, slopes and the linear layer have the network's numbers") {
  const Exported exported;
  const auto check_equal = [&](const std::string& constant, const std::string& tensor) {
    INFO(constant);
    CHECK(constant_values<float>(exported.model, constant) == exported.state.at(tensor).to_vector<float>());
  };
  check_equal("features.5.conv1.scale", "features.5.conv1.scale");
  check_equal("features.6.conv2.scale", "features.6.conv2.scale");
  check_equal("features.6.prelu2.weight", "features.6.prelu2.weight");
  check_equal("fc.weight", "fc.weight");
  check_equal("fc.bias", "fc.bias");
  for (const std::string norm : {"features.1", "features.4.bn_add1", "features.5.bn2"}) {
    check_equal(norm + ".mean", norm + ".running_mean");
    check_equal(norm + ".bias", norm + ".bias");
    const std::vector<float> variance = exported.state.at(norm + ".running_var").to_vector<float>();
    std::vector<float> gain = exported.state.at(norm + ".weight").to_vector<float>();
    for (std::size_t c = 0; c < gain.size(); ++c) {
      gain[c] *= kernels::inverse_deviation(static_cast<double>(variance[c]), 1e-5F);
    }
    CHECK(constant_values<float>(exported.model, norm + ".gain") == gain);
    CHECK(find_operation(exported.model, norm + ".centred").op == "Sub");
    CHECK(find_operation(exported.model, norm + ".scaled").op == "Mul");
    CHECK(find_operation(exported.model, norm).op == "Add");
  }
}
