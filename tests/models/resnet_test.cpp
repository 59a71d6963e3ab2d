#include "tern/models/resnet.h"

#include <set>

#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/models/initialise.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

std::int64_t parameter_count(const Module& network) {
  std::int64_t count = 0;
  for (const auto& [name, parameter] : network.named_parameters()) count += parameter.value().numel();
  return count;
}

std::set<std::string> names(const Module& network) {
  std::set<std::string> all;
  for (const StateEntry& entry : state_dict(network)) all.insert(entry.name);
  return all;
}

}  // namespace

TEST_CASE("resnet: the float networks have torchvision's number of parameters") {
  CHECK(parameter_count(*make_resnet(test::named_resnet("resnet18"))) == 11689512);
  CHECK(parameter_count(*make_resnet(test::named_resnet("resnet34"))) == 21797672);
  CHECK(parameter_count(*make_resnet(test::named_resnet("resnet50"))) == 25557032);
}

TEST_CASE("resnet: parameters and buffers have torchvision's and the official names") {
  const std::set<std::string> resnet50 = names(*make_resnet(test::named_resnet("resnet50")));
  for (const char* name :
       {"conv1.weight", "bn1.running_var", "layer1.0.conv3.weight", "layer1.0.downsample.0.weight",
        "layer4.2.bn3.num_batches_tracked", "layer2.0.downsample.1.running_mean", "fc.bias"}) {
    CHECK(resnet50.count(name) == 1);
  }
  CHECK(resnet50.count("layer1.1.downsample.0.weight") == 0);
  const std::set<std::string> pair = names(*make_resnet(test::named_resnet("resnet18_bwx2")));
  for (const char* name :
       {"features.0.weight", "features.1.running_mean", "features.2.weight", "features.4.conv1_1.weight",
        "features.4.conv1_2.weight", "features.4.bn_add1.weight", "features.4.prelu1.weight",
        "features.11.conv2_2.weight", "fc.weight"}) {
    CHECK(pair.count(name) == 1);
  }
  CHECK(pair.count("features.12.bn1.weight") == 0);
}

TEST_CASE("resnet: the traced shapes are those of the forward pass, for every block and stem") {
  for (const BlockKind block : {BlockKind::basic, BlockKind::bottleneck, BlockKind::sttn}) {
    for (const Stem stem : {Stem::imagenet, Stem::cifar}) {
      const ResNetConfig config{block, stem, {8, 16}, {1, 2}, 5, {32, 32, 3}};
      const auto network = make_resnet(config);
      network->train(false);
      const NoGrad no_grad;
      const graph::Graph traced = trace_graph(*network, {32, 32, 3});
      CHECK(network->forward(Variable(test::random_tensor({2, 32, 32, 3}, 1))).shape() == Shape{2, 5});
      CHECK(traced.classes() == 5);
      CHECK(traced.nodes.size() > 20);
    }
  }
}

TEST_CASE("resnet: blocks have the shortcut and the activations that were asked for") {
  ResNetConfig config{BlockKind::sttn, Stem::cifar, {8, 16}, {1, 1}, 5, {8, 8, 3}};
  const std::set<std::string> plain = names(*make_resnet(config));
  config.shortcut = Shortcut::avgpool_conv1x1;
  config.activation = BlockActivation::rprelu;
  config.ternary.activations = "learned";
  std::set<std::string> all = names(*make_resnet(config));
  for (const std::string& name : plain) CHECK(all.erase(name) == 1);
  std::set<std::string> added = {"features.4.downsample.1.weight"};
  for (const char* part : {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}) {
    added.insert(std::string("features.4.downsample.2.") + part);
  }
  for (const char* block : {"features.3.", "features.4."}) {
    for (const char* part : {"prelu1.shift", "prelu1.bias", "prelu2.shift", "prelu2.bias", "threshold1.low",
                             "threshold1.high", "threshold2.low", "threshold2.high"}) {
      added.insert(std::string(block) + part);
    }
  }
  CHECK(all == added);
}

TEST_CASE("resnet: the graph of resnet18 counts the multiply-adds of the literature") {
  const graph::Graph traced = trace_graph(*make_resnet(test::named_resnet("resnet18")), {224, 224, 3});
  std::int64_t macs = 0;
  for (const graph::Node& node : traced.nodes) macs += multiply_adds(traced, node);
  CHECK(macs == 1814073344);  // 1.81 GMAC; fvcore and ptflops count the same convolutions and linear layer
}

TEST_CASE("resnet: an input size that ternary blocks cannot halve is refused") {
  ResNetConfig config = test::named_resnet("cifar_resnet20_bwx2");
  config.image = {30, 32, 3};
  CHECK_THROWS_WITH(make_resnet(config), Catch::Contains("multiple of 4"));
}

TEST_CASE("initialise: draws by the rule, the same for the same seed") {
  const ResNetConfig config{BlockKind::sttn, Stem::cifar, {32}, {1}, 10, {32, 32, 3}};
  const auto a = make_resnet(config), b = make_resnet(config), c = make_resnet(config);
  initialise(*a, {}, 1);
  initialise(*b, {}, 1);
  initialise(*c, {}, 2);
  const auto weights = [](const Module& network, std::size_t i) {
    return network.named_parameters()[i].second.value().to_vector<float>();
  };
  std::size_t branch = 0;
  while (a->named_parameters()[branch].first != "features.3.conv1_1.weight") ++branch;
  CHECK(weights(*a, branch) == weights(*b, branch));
  CHECK(weights(*a, branch) != weights(*c, branch));
  CHECK(weights(*a, branch) != weights(*a, branch + 1));  // equal branches would never give a zero
  double square = 0;
  for (const float w : weights(*a, branch)) square += static_cast<double>(w) * w;
  const double deviation = std::sqrt(square / (32 * 288));
  // 9216 draws: the standard error of the deviation is 1 / sqrt(2 * 9216) = 0.74 %; 4 of them.
  CHECK(deviation == Approx(1.0 / 288).epsilon(0.03));
}
