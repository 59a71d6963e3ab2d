// State dicts of PyTorch: torchvision's and the official STTN code's names, OIHW, no word on which network
// they belong to.
#include "tern/models/import_state_dict.h"

#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/initialise.h"
#include "tern/models/merge.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/gradcheck.h"
#include "tests/support/pytorch_file.h"
#include "tests/support/temporary_directory.h"

using namespace tern;
using Catch::Contains;

namespace {

const ResNetConfig kConfig{BlockKind::bottleneck, Stem::imagenet, {4, 8}, {1, 2}, 5, {32, 32, 3}};

using StateDict = std::map<std::string, Tensor>;

/// What PyTorch holds for `network`. Every value is drawn, so that none is right by default.
StateDict drawn_state_dict(const Module& network) {
  StateDict state;
  std::uint32_t seed = 0;
  for (const StateEntry& entry : state_dict(network)) {
    if (entry.tensor.dtype() == DType::i64) {
      state[entry.name] = Tensor::from<std::int64_t>({}, {7});
    } else {
      const Tensor values = test::random_tensor(entry.tensor.shape(), ++seed, 0.1F, 0.5F);
      state[entry.name] = values.shape().rank() == 4 ? ohwi_to_oihw(values) : values;
    }
  }
  return state;
}

LoadedModel import(const StateDict& state, const std::string& model = test::registered(kConfig).json) {
  const test::TemporaryDirectory folder;
  test::write_like_pytorch(folder / "t.safetensors", {state.begin(), state.end()});
  return import_state_dict(folder / "t.safetensors", model);
}

/// A network of pairs with biases in its branches, as in the official code, and what PyTorch holds for it.
const char* const kPair = R"({"name":"cifar_resnet20_bwx2","conv_bias":true})";

StateDict drawn_pair() {
  return drawn_state_dict(*parse_network_config(kPair).make());
}

/// What the official code merges `pair` to: alpha (sign(W1) + sign(W2)) and the sum of the biases.
StateDict officially_merged(const StateDict& pair) {
  StateDict state = pair;
  const MergedNetwork merged = merge(*import(pair, kPair).network, {32, 32, 3});
  for (const graph::Node& node : merged.graph.nodes) {
    if (!is_ternary(node.op)) continue;
    Tensor weight = test::converted<float>(merged.state.at(node.name + ".weight"));
    Tensor bias = pair.at(node.name + "_1.bias").clone();
    const float* scale = merged.state.at(node.name + ".scale").data<float>();
    for (std::int64_t i = 0; i < weight.numel(); ++i)
      weight.data<float>()[i] *= scale[i / (weight.numel() / weight.dim(0))];
    for (std::int64_t i = 0; i < bias.numel(); ++i)
      bias.data<float>()[i] += pair.at(node.name + "_2.bias").data<float>()[i];
    state[node.name + ".weight"] = ohwi_to_oihw(weight);
    state[node.name + ".bias"] = bias;
    for (const char* name : {"_1.weight", "_1.bias", "_2.weight", "_2.bias"}) state.erase(node.name + name);
  }
  return state;
}

std::map<std::string, std::vector<double>> values(const std::map<std::string, Tensor>& state) {
  std::map<std::string, std::vector<double>> all;
  for (const auto& [name, tensor] : state) all.emplace(name, test::as_doubles(tensor));
  return all;
}

}  // namespace

TEST_CASE("import_state_dict: every tensor arrives, convolution weights as OHWI") {
  const StateDict state = drawn_state_dict(*make_resnet(kConfig));
  CHECK(state.at("conv1.weight").shape() == Shape{4, 3, 7, 7});
  const LoadedModel model = import(state);
  CHECK_FALSE(model.network->training());
  const auto entries = state_dict(*model.network);
  CHECK(entries.size() == state.size());
  for (const StateEntry& entry : entries) {
    INFO(entry.name);
    const Tensor& given = state.at(entry.name);
    if (entry.tensor.dtype() == DType::i64) {
      CHECK(entry.tensor.to_vector<std::int64_t>() == std::vector<std::int64_t>{7});
    } else {
      const Tensor expected = given.shape().rank() == 4 ? oihw_to_ohwi(given) : given;
      CHECK(entry.tensor.to_vector<float>() == expected.to_vector<float>());
    }
  }
}

TEST_CASE("import_state_dict: num_batches_tracked may be missing") {
  StateDict state = drawn_state_dict(*make_resnet(kConfig));
  CHECK(std::erase_if(state, [](const auto& entry) { return entry.second.dtype() == DType::i64; }) > 5);
  const LoadedModel model = import(state);
  for (const StateEntry& entry : state_dict(*model.network)) {
    if (entry.name == "fc.bias") {
      CHECK(entry.tensor.to_vector<float>() == state.at("fc.bias").to_vector<float>());
    }
  }
}

TEST_CASE("import_state_dict: every tensor that is missing, unexpected or ill-shaped is listed") {
  StateDict state = drawn_state_dict(*make_resnet(kConfig));
  state.erase("layer1.0.bn2.running_var");
  state.erase("layer2.1.conv3.weight");
  state["head.weight"] = Tensor::zeros({5, 32});
  state["fc.weight"] = Tensor::zeros({6, 32});
  state["conv1.weight"] = Tensor::zeros({4, 3, 3, 3});
  CHECK_THROWS_AS(import(state), DataError);
  CHECK_THROWS_WITH(import(state),
                    Contains("t.safetensors") &&
                        Contains("missing (2): layer1.0.bn2.running_var, layer2.1.conv3.weight") &&
                        Contains("unexpected (1): head.weight") &&
                        Contains("conv1.weight is f32 (4, 3, 3, 3), expected f32 (4, 7, 7, 3)") &&
                        Contains("fc.weight is f32 (6, 32), expected f32 (5, 32)"));
}

TEST_CASE("import_state_dict: a tensor of another type is refused") {
  StateDict state = drawn_state_dict(*make_resnet(kConfig));
  state["fc.bias"] = Tensor::from<std::int64_t>({5}, {1, 2, 3, 4, 5});
  CHECK_THROWS_WITH(import(state), Contains("fc.bias is i64 (5,), expected f32 (5,)"));
}

TEST_CASE("import_state_dict: classes and input channels are as in the file unless the description says so") {
  StateDict state = drawn_state_dict(
      *parse_network_config(R"({"name":"cifar_resnet20","classes":7,"input_channels":1})").make());
  const LoadedModel model = import(state, "\"cifar_resnet20\"");
  CHECK(model.graph.classes() == 7);
  CHECK(model.graph.input().output == Shape{32, 32, 1});
  CHECK_THROWS_WITH(import(state, R"({"name":"cifar_resnet20","classes":8})"),
                    Contains("fc.weight is f32 (7, 64), expected f32 (8, 64)"));
}

TEST_CASE(
    "import_state_dict: an official pair, with biases in its branches, and merged to the same numbers") {
  const StateDict pair = drawn_pair();
  CHECK(pair.count("features.3.conv1_1.bias") == 1);
  LoadedModel trained = import(pair, "\"cifar_resnet20_bwx2\"");
  CHECK_FALSE(trained.merged());
  const LoadedModel merged = import(officially_merged(pair), "\"cifar_resnet20_ter\"");
  REQUIRE(merged.merged());
  CHECK_FALSE(merged.network->training());
  const MergedNetwork expected = merge(*trained.network, {32, 32, 3});
  const MergedNetwork imported = dynamic_cast<const GraphModule&>(*merged.network).merged();
  CHECK(values(imported.state) == values(expected.state));
  CHECK(imported.state.at("features.3.conv1.weight").dtype() == DType::i8);
}

TEST_CASE("import_state_dict: an official merged network that is not ternary is refused with the reason") {
  StateDict state = officially_merged(drawn_pair());
  Tensor& weight = state.at("features.5.conv2.weight");
  float* filter = weight.data<float>() + 3 * weight.numel() / weight.dim(0);
  float largest = 0;
  for (int i = 0; i < 9; ++i) largest = std::max(largest, std::abs(filter[i]));
  filter[4] = largest / 2;
  CHECK_THROWS_AS(import(state, "\"cifar_resnet20_ter\""), DataError);
  CHECK_THROWS_WITH(import(state, "\"cifar_resnet20_ter\""),
                    Contains("t.safetensors: features.5.conv2.weight: filter 3 has weights of") &&
                        Contains("five levels") && Contains("import the pair"));
  state = officially_merged(drawn_pair());
  state.erase("features.3.conv2.weight");
  state["features.4.conv1.bias"] = Tensor::zeros({3});
  CHECK_THROWS_WITH(import(state, "\"cifar_resnet20_ter\""), Contains("features.4.conv1.bias is f32 (3,)"));
  state.erase("features.4.conv1.bias");
  CHECK_THROWS_WITH(import(state, "\"cifar_resnet20_ter\""),
                    Contains("missing (1): features.3.conv2.weight"));
  CHECK_THROWS_AS(import(state, "\"resnet50_ter\""), ConfigError);  // there are no pairs of it
}
