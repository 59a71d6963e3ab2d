// Every family of the registry, small: trained a little, merged, run by the engine, written and loaded.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "tern/core/error.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tern/layers/optim/adam.h"
#include "tern/models/engine/engine.h"
#include "tern/models/graph_module.h"
#include "tern/models/initialise.h"
#include "tern/models/model_file.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/precision.h"
#include "tests/support/random_tensors.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/thread_count.h"

using namespace tern;
using graph::Operator;

namespace {

constexpr std::int64_t kImages = 6;

// The networks are so small that threads would wait for each other most of the time.
class OneThread : public test::ThreadCount {
 public:
  OneThread() : ThreadCount(1) {}
};

const std::vector<std::string> kChains = {
    R"({"family": "vgg_small", "width": 8, "input_size": 8, "classes": 3})",
    R"({"family": "alexnet", "widths": [8, 16, 16, 16, 8], "hidden": [32, 24], "input_size": 63, "classes": 3})",
    R"({"family": "mlp", "hidden": [24, 32, 16], "input_size": [8, 6], "classes": 3})"};

const std::string kResNet =
    R"({"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8, 16], "depths": [1, 1],
        "input_size": [8, 12], "classes": 3})";

std::vector<std::string> all_families() {
  std::vector<std::string> all = kChains;
  all.push_back(kResNet);
  return all;
}

NetworkConfig with(const std::string& description, const Json& fields) {
  Json json = Json::parse(description);
  json.update(fields);
  return parse_network_config(json.dump());
}

Tensor rounded(const Tensor& tensor, float unit) {
  std::vector<float> values = tensor.to_vector<float>();
  for (float& value : values) value = std::round(value / unit) * unit;
  return Tensor::from(tensor.shape(), values);
}

// Multiples of 1/16.
Variable random_images(const NetworkConfig& config) {
  const Shape& image = config.image;
  return Variable(rounded(test::random_tensor({kImages, image[0], image[1], image[2]}, 7, -2, 2), 1.0F / 16));
}

std::unique_ptr<Module> make_initialised(const NetworkConfig& config) {
  auto network = config.make();
  InitConfig init;
  init.conv.rule = init.linear.rule = WeightInit::kaiming;
  initialise(*network, init, 3);
  return network;
}

// Learns labels of the images by heart; returns the loss before and after.
std::pair<float, float> train(Module& network, const Variable& images) {
  const Tensor labels = Tensor::from<std::int64_t>({kImages}, {0, 1, 2, 0, 1, 2});
  Adam adam(network.named_parameters(), {});
  float first = 0, last = 0;
  for (int step = 0; step < 20; ++step) {
    network.clear_gradients();
    const Variable loss = softmax_cross_entropy(network.forward(images), labels);
    last = loss.value().item();
    if (step == 0) first = last;
    loss.backward();
    adam.step(0.005);
  }
  network.train(false);
  return {first, last};
}

// With float weights that are multiples of 1/256 their layers' sums over the images, or over ternary values,
// are exact in any order.
void make_sums_exact(Module& network, const Shape& image) {
  std::set<std::string> names;
  for (const graph::Node& node : trace_graph(network, image).nodes) {
    if (node.op != Operator::conv2d && node.op != Operator::linear) continue;
    for (const graph::Parameter& parameter : node.parameters) names.insert(parameter.name);
  }
  for (auto& [name, parameter] : network.named_parameters()) {
    if (names.count(name) == 0) continue;
    parameter.mutable_value().copy_from(rounded(parameter.value(), 1.0F / 256));
  }
}

std::vector<float> run_engine(const MergedNetwork& network, const Tensor& images) {
  const std::string file = merged_bytes(network, {});
  engine::Engine engine(*memory_source(file.data(), file.size(), "family"), 1);
  std::vector<float> logits(static_cast<std::size_t>(kImages * engine.classes()));
  engine.run(images.data<float>(), kImages, logits.data());
  return logits;
}

// What engine and layers may differ by behind the same stem. All is equal to the bit up to the sums of the
// global average pool, if there is one, and of the last layer: k terms and their products, added in two
// orders, are each off by at most k u / (1 - k u) of the terms' absolute sum (Higham 2002, 3.1).
std::vector<double> tolerances(MergedNetwork network, const Variable& images) {
  const graph::Node last = network.graph.nodes[static_cast<std::size_t>(network.graph.output)];
  int before = last.inputs[0];
  const graph::Node& pool = network.graph.nodes[static_cast<std::size_t>(before)];
  const bool pooled = pool.op == Operator::global_avg_pool2d;
  if (pooled) before = pool.inputs[0];
  const Tensor weight = network.state.at(last.parameter("weight").name);
  const Tensor bias = network.state.at(last.parameter("bias").name);
  network.graph.nodes.resize(static_cast<std::size_t>(before) + 1);
  network.graph.output = before;
  const Shape shape = network.graph.nodes.back().output;
  double largest = 0;
  for (const double x : test::as_doubles(GraphModule(network).forward(images).value()))
    largest = std::max(largest, std::abs(x));
  const double terms =
      static_cast<double>(weight.shape()[1]) + 2 + static_cast<double>(pooled ? shape.numel() : 0);
  const double unit = terms * test::kUnit / (1 - terms * test::kUnit);
  std::vector<double> result;
  for (std::int64_t image = 0; image < kImages; ++image) {
    for (std::int64_t i = 0; i < weight.shape()[0]; ++i) {
      double sum = std::abs(test::as_doubles(bias)[static_cast<std::size_t>(i)]);
      for (std::int64_t j = 0; j < weight.shape()[1]; ++j)
        sum += std::abs(weight.data<float>()[i * weight.shape()[1] + j]) * largest;
      result.push_back(2 * unit * sum);
    }
  }
  return result;
}

// What the order of sums can make of a logit of a network in floats. In any order the computed sum of k
// products is the exact one of products that are each off by a factor of at most 1 +- k u / (1 - k u), as if
// the weights were (Higham 2002, 3.1); so the weights are changed by as much, with random signs. Two more
// roundings are for a bias and a batch norm.
double effect_of_order(const MergedNetwork& network, const Variable& images) {
  const std::vector<double> logits = test::as_doubles(GraphModule(network).forward(images).value());
  double largest = 0;
  for (std::uint32_t seed = 0; seed < 4; ++seed) {
    MergedNetwork changed = network;
    for (auto& [name, tensor] : changed.state) {
      if (tensor.shape().rank() < 2) continue;
      const double terms = static_cast<double>(tensor.numel() / tensor.dim(0)) + 2;
      const double error = terms * test::kUnit / (1 - terms * test::kUnit);
      std::vector<float> values = tensor.to_vector<float>();
      const Tensor signs = test::random_tensor(tensor.shape(), seed);
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] *= static_cast<float>(signs.data<float>()[i] < 0 ? 1 - error : 1 + error);
      tensor = Tensor::from(tensor.shape(), values);
    }
    const std::vector<double> others = test::as_doubles(GraphModule(changed).forward(images).value());
    for (std::size_t i = 0; i < logits.size(); ++i)
      largest = std::max(largest, std::abs(others[i] - logits[i]));
  }
  return largest;
}

// The children of a chain, one by one.
void check_shapes(Module& network, const NetworkConfig& config) {
  const graph::Graph graph = trace_graph(network, config.image);
  const NoGrad no_grad;
  Variable y = random_images(config);
  std::size_t i = 0;
  network.visit([&](const std::string& path, ParameterContainer& child) {
    auto* layer = dynamic_cast<Module*>(&child);
    if (path.empty() || layer == nullptr) return;
    y = layer->forward(y);
    const graph::Node& node = graph.nodes.at(++i);
    INFO(node.name);
    CHECK(node.name == path);
    CHECK(y.shape().rank() == node.output.rank() + 1);
    CHECK(y.value().numel() == kImages * node.output.numel());
    CHECK(y.shape()[-1] == node.output[-1]);
  });
  CHECK(i + 1 == graph.nodes.size());
  CHECK(graph.classes() == config.classes);
}

}  // namespace

TEST_CASE(
    "families: in floats they learn, and exported they give the same logits to the bit, by the engine as "
    "near "
    "as sums of floats are") {
  const OneThread one_thread;
  std::vector<std::string> descriptions = kChains;
  for (const char* block : {"basic", "bottleneck"}) {
    descriptions.push_back(with(kResNet, {{"block", block}}).json);
  }
  descriptions.push_back(with(kResNet, {{"block", "basic"}, {"stem", "whitened"}}).json);
  for (const std::string& description : descriptions) {
    INFO(description);
    const NetworkConfig config = parse_network_config(description);
    const auto network = make_initialised(config);
    const Variable images = random_images(config);
    const auto [before, after] = train(*network, images);
    CHECK(after < 0.7F * before);
    if (config.json.find("resnet") == std::string::npos) check_shapes(*network, config);

    const NoGrad no_grad;
    const Tensor logits = network->forward(images).value();
    const MergedNetwork exported = merge(*network, config.image);
    CHECK(test::bit_difference(GraphModule(exported).forward(images).value(), logits) == "");
    const double tolerance = 2 * effect_of_order(exported, images);
    CHECK(tolerance < 1e-2);  // far below what a mistake would make of them
    CHECK(test::difference(Tensor::from(logits.shape(), run_engine(exported, images.value())),
                           test::as_doubles(logits), tolerance) == "");
  }
}

TEST_CASE(
    "families: with every method and activation they learn, and merged they give the same logits to the bit, "
    "by the engine as near as sums of floats are") {
  const auto [weights, activations, branches] = GENERATE(
      std::tuple("sttn", "ternary", 2), std::tuple("sttn", "ternary", 3), std::tuple("sttn", "binary", 3),
      std::tuple("twn", "binary", 0), std::tuple("lsq", "ternary", 0), std::tuple("threshold", "learned", 0),
      std::tuple("binary", "binary", 0), std::tuple("full_precision", "ternary", 0));
  const OneThread one_thread;
  for (const std::string& description : all_families()) {
    INFO(description << " " << weights << " " << activations << ", branches: " << branches);
    Json fields = {{"weights", weights}, {"activations", activations}};
    if (branches > 0) fields["branches"] = branches;
    const NetworkConfig config = with(description, fields);
    CHECK(parse_network_config(config.json).json == config.json);
    const auto network = make_initialised(config);
    const Variable images = random_images(config);
    const auto [before, after] = train(*network, images);
    CHECK(after < 0.7F * before);
    make_sums_exact(*network, config.image);
    if (description != kResNet) check_shapes(*network, config);

    const NoGrad no_grad;
    const Tensor logits = network->forward(images).value();
    const MergedNetwork merged = merge(*network, config.image);
    CHECK(test::bit_difference(GraphModule(merged).forward(images).value(), logits) == "");
    CHECK(test::difference(Tensor::from(logits.shape(), run_engine(merged, images.value())),
                           test::as_doubles(logits), tolerances(merged, images)) == "");
  }
}

TEST_CASE(
    "families: ResNets with other stems, shortcuts and activations learn, and merged they give the same "
    "logits") {
  const OneThread one_thread;
  const auto mode = GENERATE(kernels::FloatPrecision::fp32, kernels::FloatPrecision::bf16);
  const test::Precision precision(mode);
  const test::TemporaryDirectory folder;
  const std::string path = (folder / "model.safetensors").string();
  for (const char* shortcut : {"maxpool", "avgpool_conv1x1"}) {
    INFO(shortcut);
    const NetworkConfig config = with(
        kResNet,
        {{"shortcut", shortcut}, {"activation", "rprelu"}, {"activations", "learned"}, {"stem", "whitened"}});
    CHECK(parse_network_config(config.json).json == config.json);
    const auto network = make_initialised(config);
    const Variable images = random_images(config);
    const auto [before, after] = train(*network, images);
    CHECK(after < 0.7F * before);
    for (const auto& [name, parameter] : network->named_parameters()) {
      if (!name.ends_with(".shift") && !name.ends_with(".high")) continue;
      INFO(name);
      for (const double value : test::as_doubles(parameter.value())) CHECK((value != 0 && value != 0.5));
    }
    make_sums_exact(*network, config.image);
    const NoGrad no_grad;
    const Tensor logits = network->forward(images).value();
    const MergedNetwork merged = merge(*network, config.image);
    save_merged(path, merged, {});
    CHECK(test::bit_difference(load_model(path).network->forward(images).value(), logits) == "");
    // The engine adds up a convolution of floats in another order.
    if (std::string(shortcut) != "maxpool" || mode == kernels::FloatPrecision::bf16) continue;
    CHECK(test::difference(Tensor::from(logits.shape(), run_engine(merged, images.value())),
                           test::as_doubles(logits), tolerances(merged, images)) == "");
  }
}

TEST_CASE("families: trained in fp32 or bf16, a merged network comes back from its file with equal logits") {
  const OneThread one_thread;
  const test::Precision precision(GENERATE(kernels::FloatPrecision::fp32, kernels::FloatPrecision::bf16));
  const test::TemporaryDirectory folder;
  const std::string path = (folder / "model.safetensors").string();
  const std::string fields =
      GENERATE(as<std::string>(), R"({"weights": "sttn"})", R"({"weights": "sttn", "activations": "binary"})",
               R"({"weights": "sttn", "branches": 3})", R"({"weights": "full_precision"})",
               R"({"weights": "full_precision", "activations": "learned"})");
  for (const std::string& description : all_families()) {
    INFO(description << " " << fields);
    const NetworkConfig config = with(description, Json::parse(fields));
    const auto network = make_initialised(config);
    const Variable images = random_images(config);
    const auto [before, after] = train(*network, images);
    CHECK(after < 0.7F * before);
    const NoGrad no_grad;
    save_merged(path, merge(*network, config.image), {});
    const Tensor logits = load_model(path).network->forward(images).value();
    CHECK(test::bit_difference(logits, network->forward(images).value()) == "");
  }
}

TEST_CASE("families: the named networks are those of the papers") {
  const auto weights = [](const char* name) {
    const NetworkConfig config = parse_network_config(Json(name).dump());
    std::int64_t count = 0;
    for (const auto& [parameter, variable] : config.make()->named_parameters()) {
      if (variable.shape().rank() > 1) count += variable.value().numel();
    }
    CHECK(config.least_weights <= count);
    return count;
  };
  CHECK(weights("vgg_small") == 9 * (3 * 128 + 128 * 128 * 31) + 512 * 16 * 10);
  CHECK(weights("mlp") == 784 * 1024 + 1024 * 1024 + 1024 * 10);
}
