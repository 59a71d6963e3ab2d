#include "tern/models/warm_start.h"

#include <map>

#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/ternary/ternary_layer.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"

using namespace tern;
using Catch::Contains;

namespace {

struct Made {
  NetworkConfig config;
  std::unique_ptr<Module> network;

  graph::Graph graph() const { return trace_graph(*network, config.image); }
};

// A small VGG, its weights drawn anew.
Made make(const std::string& weights, std::uint64_t seed, int classes = 10, int width = 4) {
  Made made{parse_network_config(fmt::format(
                R"({{"family": "vgg_small", "width": {}, "weights": "{}", "classes": {}, "input_size": 8}})",
                width, weights, classes)),
            nullptr};
  made.network = made.config.make();
  initialise(*made.network, {{WeightInit::kaiming, 0}, {WeightInit::kaiming, 0}}, seed);
  return made;
}

WarmStart start(const Made& from, const Made& to) {
  return warm_start(*to.network, to.graph(), *from.network);
}

std::map<std::string, Tensor> copy_of_state(const Module& network) {
  std::map<std::string, Tensor> state;
  for (const StateEntry& entry : state_dict(network)) state.emplace(entry.name, entry.tensor.clone());
  return state;
}

std::vector<MergedWeights> ternary_weights(const Module& network) {
  std::vector<MergedWeights> all;
  network.visit([&](const std::string&, const ParameterContainer& module) {
    if (const auto* layer = dynamic_cast<const TernaryLayer*>(&module))
      all.push_back(layer->merged_weights());
  });
  return all;
}

}  // namespace

TEST_CASE("warm_start: a method with one latent weight takes that of the float twin as it is") {
  const Made floats = make(GENERATE("float", "full_precision"), 1);
  for (const char* method : {"twn", "lsq", "binary"}) {
    INFO(method);
    const Made network = make(method, 2);
    const WarmStart result = start(floats, network);
    CHECK(result.left.empty());
    auto given = copy_of_state(*floats.network);
    for (const StateEntry& entry : state_dict(*network.network)) {
      INFO(entry.name);
      if (given.count(entry.name) > 0) CHECK(test::bit_difference(entry.tensor, given.at(entry.name)) == "");
    }
  }
}

TEST_CASE("warm_start: a pair of branches starts with the ternary weights and the scale of TWN") {
  const Made floats = make("float", 1), pairs = make("sttn", 2), twn = make("twn", 3);
  CHECK(start(floats, pairs).kept.empty());
  start(floats, twn);
  const auto expected = ternary_weights(*twn.network), actual = ternary_weights(*pairs.network);
  REQUIRE(actual.size() == 5);
  for (std::size_t layer = 0; layer < actual.size(); ++layer) {
    CHECK(test::bit_difference(actual[layer].ternary, expected[layer].ternary) == "");
    const std::vector<float> scale = actual[layer].scale.to_vector<float>();
    for (std::size_t o = 0; o < scale.size(); ++o) {
      CHECK(scale[o] == Approx(expected[layer].scale.data<float>()[o]).epsilon(1e-5));
    }
  }
}

TEST_CASE("warm_start: the floats of a pair are the mean of its branches") {
  const Made pairs = make("sttn", 1), floats = make("float", 2);
  start(pairs, floats);
  const auto given = copy_of_state(*pairs.network), taken = copy_of_state(*floats.network);
  std::size_t layers = 0;
  for (const auto& [name, tensor] : taken) {
    const std::string layer = name.substr(0, name.rfind('.'));
    if (given.count(layer + "_1.weight") == 0) continue;
    ++layers;
    const float mean = 0.5F * given.at(layer + "_1.weight").data<float>()[7] +
                       0.5F * given.at(layer + "_2.weight").data<float>()[7];
    CHECK(tensor.data<float>()[7] == mean);
  }
  CHECK(layers == 5);
}

TEST_CASE("warm_start: the same method takes all its latent parameters, to the bit") {
  for (const char* method : {"sttn", "lsq", "threshold"}) {
    INFO(method);
    const Made from = make(method, 1), to = make(method, 2);
    const WarmStart result = start(from, to);
    CHECK(result.kept.empty());
    CHECK(result.left.empty());
    const auto given = copy_of_state(*from.network);
    CHECK(result.taken.size() == given.size());
    for (const StateEntry& entry : state_dict(*to.network)) {
      CHECK(test::bit_difference(entry.tensor, given.at(entry.name)) == "");
    }
  }
}

TEST_CASE("warm_start: pairs and triples of branches are made of each other by way of floats") {
  Made three{parse_network_config(
                 R"({"family": "vgg_small", "width": 4, "weights": "sttn", "branches": 3, "input_size": 8})"),
             nullptr};
  three.network = three.config.make();
  const Made two = make("sttn", 1), floats = make("float", 2), again = make("sttn", 3);
  CHECK(start(two, three).kept.empty());
  CHECK(start(three, again).kept.empty());
  start(two, floats);
  const auto expected = copy_of_state(*floats.network);
  std::size_t layers = 0;
  for (const auto& [name, tensor] : copy_of_state(*three.network)) {
    if (!name.ends_with("_2.weight")) continue;  // V itself, times a factor of each filter
    ++layers;
    const Tensor& v = expected.at(name.substr(0, name.size() - std::string("_2.weight").size()) + ".weight");
    CHECK(tensor.data<float>()[1] * v.data<float>()[0] ==
          Approx(tensor.data<float>()[0] * v.data<float>()[1]));
  }
  CHECK(layers == 5);
}

TEST_CASE("warm_start: for other classes the head keeps what it had, and only the head") {
  const Made from = make("twn", 1), to = make("twn", 2, 7);
  const auto before = copy_of_state(*to.network);
  const WarmStart result = start(from, to);
  REQUIRE(result.kept.size() == 2);
  for (const std::string& name : result.kept) {
    CHECK(before.at(name).dim(0) == 7);
    CHECK(test::bit_difference(copy_of_state(*to.network).at(name), before.at(name)) == "");
  }
  CHECK(result.taken.size() == before.size() - 2);
}

TEST_CASE("warm_start: another shape elsewhere is refused by name, and nothing changes") {
  for (const char* method : {"float", "sttn"}) {
    const Made from = make("float", 1, 10, 8), to = make(method, 2);
    const auto before = copy_of_state(*to.network);
    CHECK_THROWS_WITH(start(from, to), Contains("0.weight is (8, 3, 3, 3), expected (4, 3, 3, 3)"));
    for (const StateEntry& entry : state_dict(*to.network)) {
      CHECK(test::bit_difference(entry.tensor, before.at(entry.name)) == "");
    }
  }
}

TEST_CASE("warm_start: networks without a tensor in common are refused") {
  const Made vgg = make("float", 1);
  Made resnet{parse_network_config(
                  R"({"family": "resnet", "block": "basic", "widths": [4], "depths": [1], "input_size": 8})"),
              nullptr};
  resnet.network = resnet.config.make();
  CHECK_THROWS_WITH(start(vgg, resnet), Contains("no tensor in common"));
}
