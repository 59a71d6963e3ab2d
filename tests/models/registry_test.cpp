#include "tern/models/registry.h"

#include <nlohmann/json.hpp>
#include <set>

#include "tern/core/error.h"
#include "tern/layers/linear.h"
#include "tern/layers/pooling.h"
#include "tern/layers/sequential.h"
#include "tests/support/catch.h"

using namespace tern;
using Catch::Contains;

namespace {

bool has_pairs(const Module& network) {
  for (const auto& [name, parameter] : network.named_parameters()) {
    if (name.find("conv1_1") != std::string::npos) return true;
  }
  return false;
}

std::string field(const NetworkConfig& config, const std::string& key) {
  return Json::parse(config.json).at(key).dump();
}

}  // namespace

TEST_CASE("registry: every known name gives a network, and the suffix its kind") {
  const std::vector<std::string> names = network_names();
  CHECK(std::set(names.begin(), names.end()).size() == names.size());
  for (const char* name : {"resnet18", "resnet34", "resnet50", "cifar_resnet18", "cifar_resnet20",
                           "resnet18_bwx2", "resnet34_bwx2", "cifar_resnet18_bwx2", "cifar_resnet20_bwx2"}) {
    CHECK(std::count(names.begin(), names.end(), name) == 1);
  }
  for (const char* name : {"cifar_resnet20", "cifar_resnet20_bwx2"}) {
    const NetworkConfig config = parse_network_config(Json(name).dump());
    CHECK(config.classes == 10);
    CHECK(config.image == Shape{32, 32, 3});
    CHECK(has_pairs(*config.make()) == (std::string(name).find("_bwx2") != std::string::npos));
  }
}

TEST_CASE("registry: a free description sets every field and survives its own JSON") {
  const NetworkConfig config = parse_network_config(R"({"family": "resnet", "block": "sttn", "stem": "cifar",
    "widths": [8, 16], "depths": [1, 2], "classes": 7, "input_size": 36, "conv_bias": true,
    "weight_gradient": "exact"})");
  CHECK(field(config, "block") == R"("sttn")");
  CHECK(field(config, "stem") == R"("cifar")");
  CHECK(field(config, "widths") == "[8,16]");
  CHECK(field(config, "depths") == "[1,2]");
  CHECK(field(config, "conv_bias") == "true");
  CHECK(field(config, "weight_gradient") == R"("exact")");
  CHECK(config.classes == 7);
  CHECK(config.image == Shape{36, 36, 3});
  CHECK(parse_network_config(config.json).json == config.json);
}

TEST_CASE("registry: a ResNet takes images of the given number of channels, three where nothing is said") {
  NetworkDefaults grey;
  grey.input_channels = 1;
  const NetworkConfig one = parse_network_config(R"("cifar_resnet20_bwx2")", grey);
  CHECK(one.image == Shape{32, 32, 1});
  CHECK(one.make()->named_parameters()[0].second.shape() == Shape{16, 3, 3, 1});
  const NetworkConfig three = parse_network_config(R"("cifar_resnet20_bwx2")");
  Json stored = Json::parse(three.json);  // as checkpoints of before there was a choice have it
  REQUIRE(stored.erase("input_channels") == 1);
  CHECK(parse_network_config(stored.dump()).json == three.json);
  CHECK_THROWS_WITH(parse_network_config(R"({"name": "resnet18", "input_channels": 5})"),
                    Contains("model.input_channels: 5 is not between 1 and 4"));
}

TEST_CASE("registry: images have one size, or a height and a width") {
  for (const char* family : {"resnet", "vgg_small", "mlp"}) {
    const std::string text = Json{{"family", family}, {"input_size", {16, 24}}}.dump();
    const NetworkConfig config = parse_network_config(text);
    CHECK((config.image[0] == 16 && config.image[1] == 24));
    CHECK(field(config, "input_size") == "[16,24]");
    CHECK(parse_network_config(config.json).json == config.json);
  }
  CHECK(field(parse_network_config(R"({"name": "mlp", "input_size": [16, 16]})"), "input_size") == "16");
  CHECK_THROWS_WITH(parse_network_config(R"({"name": "resnet18_bwx2", "input_size": [64, 48]})").make(),
                    Contains("model.input_size: 48 is not a multiple of 32"));
  CHECK_THROWS_WITH(
      parse_network_config(R"({"name": "mlp", "input_size": [16]})"),
      Contains("model.input_size: expected an integer or a list of height and width, got [16]"));
  CHECK_THROWS_WITH(parse_network_config(R"({"name": "mlp", "input_size": [16, 0]})"),
                    Contains("model.input_size: 0 is not between 1 and 512"));
}

TEST_CASE("registry: defaults fill what the description leaves open, and no more") {
  NetworkDefaults defaults;
  defaults.classes = 3;
  defaults.input_size = Shape{64, 64};
  CHECK(parse_network_config(R"("resnet18")", defaults).classes == 3);
  CHECK(parse_network_config(R"({"name": "resnet18", "classes": 5})", defaults).classes == 5);
  CHECK(parse_network_config(R"({"name": "resnet18"})", defaults).image == Shape{64, 64, 3});
  CHECK(parse_network_config(R"({"name": "resnet18"})").image == Shape{224, 224, 3});
}

TEST_CASE("registry: a description without the choice of weights means what it always meant") {
  const std::string old = R"({"family": "resnet", "block": "sttn", "widths": [8], "depths": [1], "classes": 3,
    "conv_bias": false, "input_size": 32, "stem": "cifar", "weight_gradient": "official"})";
  CHECK(field(parse_network_config(old), "weights") == R"("sttn")");
  CHECK(field(parse_network_config(old), "activations") == R"("ternary")");
  CHECK(has_pairs(*parse_network_config(old).make()));
  CHECK_FALSE(has_pairs(*parse_network_config(R"({"name": "resnet18_bwx2", "weights": "twn"})").make()));
}

TEST_CASE("registry: sttn has two branches, or three where the description says so, and no other number") {
  const auto parameters = [](const std::string& json) {
    return parse_network_config(json).make()->named_parameters().size();
  };
  const std::string start = R"({"name": "mlp", "weights": "sttn")";
  CHECK(parameters(start + R"(, "branches": 2})") == parameters(start + "}"));
  CHECK(parameters(start + R"(, "branches": 3})") == parameters(start + "}") + 1);  // one ternary layer
  const NetworkConfig three = parse_network_config(start + R"(, "branches": 3})");
  CHECK(parse_network_config(three.json).json == three.json);
  CHECK(field(three, "branches") == "3");
  // Files of pairs stay what older versions read.
  CHECK_FALSE(Json::parse(parse_network_config(start + "}").json).contains("branches"));
}

TEST_CASE("registry: errors name the key and the nearest name") {
  const auto refused = [](const std::string& json, const std::string& reason) {
    INFO(json.substr(0, 80));
    CHECK_THROWS_WITH(parse_network_config(json), Contains(reason));
    CHECK_THROWS_AS(parse_network_config(json), ConfigError);
  };
  refused(R"("cifar_resnet20_bwx")", "cifar_resnet20_bwx2");
  refused(R"({"name": "resnet18", "clases": 5})", "did you mean model.classes?");
  refused(R"({"name": "resnet18", "classes": 0})", "model.classes");
  refused(R"({"name": "resnet18", "classes": "5"})", "integer");
  refused(R"({"name": "resnet18", "stem": "mnist"})", "cifar, imagenet, whitened");
  refused(R"({"name": "resnet18", "classes": 5, "classes": 6})", "duplicate");
  refused(R"({"family": "resnet", "widths": [8]})", "widths names 1");
  refused(R"({"family": "resnet", "widths": [1,1,1,1,1,1,1,1,1,1,1,1,1,1],
              "depths": [1,1,1,1,1,1,1,1,1,1,1,1,1,1]})",
          "14 stages are more than 13");
  refused(R"({"family": "resnet", "widths": )" + std::string(1'000'000, '['), "nested");
  refused(R"({"name": "resnet18", "weights": "twn"})", "model.weights: \"twn\" is not one of float");
  refused(R"({"name": "resnet18_bwx2", "weights": "float"})",
          "\"float\" is not one of sttn, full_precision, binary, lsq, threshold, twn");
  refused(R"({"name": "vgg_small", "weights": "ttn"})",
          "float, full_precision, binary, lsq, sttn, threshold, twn");
  refused(R"({"name": "mlp", "weights": "sttn", "weight_gradient": "poly"})", "official, exact, polynomial");
  refused(R"({"name": "mlp", "weights": "sttn", "branches": 4})", "model.branches: 4 is not between 2 and 3");
  refused(R"({"name": "mlp", "weights": "twn", "branches": 3})", "model.branches: weights are \"twn\"");
  refused(R"({"name": "resnet18", "branches": 2})", "model.branches: weights are \"float\"");
  refused(R"({"name": "resnet18_bwx2", "shortcut": "conv"})", "maxpool, avgpool_conv1x1");
  refused(R"({"name": "resnet18_bwx2", "activation": "relu"})", "prelu, rprelu");
  refused(R"({"name": "resnet18", "shortcut": "maxpool"})", "model.shortcut");
  refused(R"({"name": "mlp", "activations": "relu"})", "model.activations");
  refused(R"({"name": "alexnet", "input_size": 62})", "model.input_size: 62 is not between 63");
  refused(R"({"name": "alexnet", "widths": [8, 8]})", "model.widths: expected one of each of 5 convolutions");
  refused(R"({"family": "resnest"})", "did you mean \"resnet\"?");
  refused(R"({"widths": [8]})", "needs \"name\" or \"family\"");
  refused("{", "model: ");
  refused("3", "expected a name or an object");
}

TEST_CASE("registry: a family of one's own is known like the others") {
  const auto tiny = [](NetworkFields& fields) {
    const std::int64_t classes = fields.integer("classes", 10, 1, 100);
    return NetworkPlan{classes, {4, 4, 3}, 3 * classes, [classes] {
                         auto network = std::make_unique<Sequential>();
                         network->add(std::make_unique<GlobalAvgPool2d>());
                         network->add(std::make_unique<Linear>(3, classes));
                         return network;
                       }};
  };
  add_family({"tiny", {{"tiny3", R"({"classes": 3})"}}, tiny});
  CHECK(parse_network_config(R"("tiny3")").make()->named_parameters()[0].second.shape() == Shape{3, 3});
  CHECK(parse_network_config(R"({"family": "tiny", "classes": 7})").classes == 7);
  CHECK_THROWS_WITH(add_family({"tiny", {}, tiny}), Contains("taken"));
  CHECK_THROWS_WITH(add_family({"small", {{"resnet18", "{}"}}, tiny}), Contains("resnet18"));
}
