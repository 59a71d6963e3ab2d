#include "tern/models/merge.h"

#include "tern/core/error.h"
#include "tern/layers/ternary/ternary_layer.h"
#include "tern/models/resnet.h"
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
      const ResNetConfig config{BlockKind::sttn, stem, {8, 24, 40}, {1, 2, 1}, 10, 32, bias};
      const auto pair = test::trained_network(config);
      const MergedNetwork merged = merge(*pair, config);
      CHECK(merged.config.block == BlockKind::ternary);
      pair->to(device);
      merged.network->to(device);
      const NoGrad no_grad;
      const auto images = [&](std::uint32_t seed) {
        return Variable(test::random_tensor({batch, 32, 32, 3}, seed, -2, 2).to(device));
      };
      const Tensor logits = pair->forward(images(3)).value();
      CHECK(test::bit_difference(merged.network->forward(images(3)).value(), logits) == "");
      CHECK(test::bit_difference(pair->forward(images(4)).value(), logits) != "");
    }
  }
}

TEST_CASE("merge: both networks report the same zeros per layer") {
  const ResNetConfig config{BlockKind::sttn, Stem::cifar, {8, 16}, {1, 1}, 10, 32};
  const auto pair = test::trained_network(config);
  const MergedNetwork merged = merge(*pair, config);
  const auto zeros = [](Module& network) {
    std::vector<std::pair<std::string, double>> fractions;
    network.visit([&](const std::string& path, ParameterContainer& module) {
      if (auto* conv = dynamic_cast<TernaryLayer*>(&module))
        fractions.emplace_back(path, conv->zero_fraction());
    });
    return fractions;
  };
  CHECK(zeros(*pair) == zeros(*merged.network));
  CHECK(zeros(*pair).size() == 4);
  CHECK(zeros(*pair)[0].second == Approx(0.5).margin(0.1));  // independent signs differ half of the time
}

TEST_CASE("merge: a network without pairs is refused") {
  const ResNetConfig config = resnet_by_name("cifar_resnet20");
  CHECK_THROWS_AS(merge(*make_resnet(config), config), ConfigError);
}
