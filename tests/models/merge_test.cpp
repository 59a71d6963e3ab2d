#include "tern/models/merge.h"

#include "tern/core/error.h"
#include "tern/layers/graph/json.h"
#include "tern/models/zero_fractions.h"
#include "tests/models/resnets.h"
#include "tests/models/trained_network.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/precision.h"

using namespace tern;

TEST_CASE(
    "merge: the merged network gives the pair's logits to the bit, with and without biases, in fp32 and "
    "bf16") {
  const Device device = test::each_device();
  const test::Precision precision(GENERATE(kernels::FloatPrecision::fp32, kernels::FloatPrecision::bf16));
  const std::int64_t batch = test::is_emulated(device) ? 1 : 4;
  for (const bool bias : {false, true}) {
    for (const Stem stem : {Stem::cifar, Stem::imagenet}) {
      const ResNetConfig config{BlockKind::sttn, stem, {8, 24, 40}, {1, 2, 1}, 10, {32, 32, 3}, bias};
      const auto pair = test::trained_network(config);
      const auto merged = test::merged_module(*pair, config);
      pair->to(device);
      merged->to(device);
      const NoGrad no_grad;
      const auto images = [&](std::uint32_t seed) {
        return Variable(test::random_tensor({batch, 32, 32, 3}, seed, -2, 2).to(device));
      };
      const Tensor logits = pair->forward(images(3)).value();
      CHECK(test::bit_difference(merged->forward(images(3)).value(), logits) == "");
      CHECK(test::bit_difference(pair->forward(images(4)).value(), logits) != "");
    }
  }
}

TEST_CASE("merge: both networks report the same zeros per layer") {
  const ResNetConfig config{BlockKind::sttn, Stem::cifar, {8, 16}, {1, 1}, 10, {32, 32, 3}};
  const auto pair = test::trained_network(config);
  const auto zeros = [](const Module& network) {
    std::vector<std::pair<std::string, double>> fractions;
    for (const LayerZeros& layer : zero_fractions(network))
      fractions.emplace_back(layer.name, layer.fraction);
    return fractions;
  };
  CHECK(zeros(*pair) == zeros(*test::merged_module(*pair, config)));
  CHECK(zeros(*pair).size() == 4);
  CHECK(zeros(*pair)[0].second == Approx(0.5).margin(0.1));  // independent signs differ half of the time
}

TEST_CASE("merge: a network in floats keeps its graph and its parameters") {
  const ResNetConfig config{BlockKind::basic, Stem::cifar, {8, 16}, {1, 1}, 10, {32, 32, 3}};
  const auto network = test::trained_network(config);
  const MergedNetwork merged = merge(*network, config.image);
  CHECK(to_json(merged.graph) == to_json(trace_graph(*network, config.image)));
  for (const auto& [name, parameter] : network->named_parameters()) {
    INFO(name);
    CHECK(test::bit_difference(merged.state.at(name), parameter.value()) == "");
  }
}
