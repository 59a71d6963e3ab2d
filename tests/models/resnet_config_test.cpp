#include "tern/models/resnet_config.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"

using namespace tern;
using Catch::Contains;

TEST_CASE("resnet config: every known name gives a network, and the suffix its block") {
  for (const std::string& name : resnet_names()) {
    INFO(name);
    const ResNetConfig config = resnet_by_name(name);
    CHECK(config.widths.size() == config.depths.size());
    const bool pair = name.find("_bwx2") != std::string::npos;
    const bool merged = name.find("_ter") != std::string::npos;
    CHECK((config.block == BlockKind::sttn) == pair);
    CHECK((config.block == BlockKind::ternary) == merged);
  }
  CHECK(resnet_names().size() == 13);
}

TEST_CASE("resnet config: a free description sets every field and survives its own JSON") {
  const ResNetConfig config = parse_resnet_config(R"({"family": "resnet", "block": "sttn", "stem": "cifar",
    "widths": [8, 16], "depths": [1, 2], "classes": 7, "input_size": 36, "conv_bias": true,
    "weight_gradient": "exact"})");
  CHECK(config.block == BlockKind::sttn);
  CHECK(config.stem == Stem::cifar);
  CHECK(config.widths == std::vector<std::int64_t>{8, 16});
  CHECK(config.depths == std::vector<std::int64_t>{1, 2});
  CHECK(config.classes == 7);
  CHECK(config.input_size == 36);
  CHECK(config.conv_bias);
  CHECK(config.weight_gradient == kernels::WeightGradientRule::exact);
  CHECK(to_json(parse_resnet_config(to_json(config))) == to_json(config));
}

TEST_CASE("resnet config: defaults fill what the description leaves open, and no more") {
  ResNetDefaults defaults;
  defaults.classes = 3;
  defaults.input_size = 64;
  CHECK(parse_resnet_config(R"("resnet18")", defaults).classes == 3);
  CHECK(parse_resnet_config(R"({"name": "resnet18", "classes": 5})", defaults).classes == 5);
  CHECK(parse_resnet_config(R"({"name": "resnet18"})", defaults).input_size == 64);
}

TEST_CASE("resnet config: errors name the key and the nearest name") {
  CHECK_THROWS_WITH(parse_resnet_config(R"("cifar_resnet20_bwx")"), Contains("cifar_resnet20_bwx2"));
  CHECK_THROWS_WITH(parse_resnet_config(R"({"name": "resnet18", "clases": 5})"), Contains("model.classes"));
  CHECK_THROWS_WITH(parse_resnet_config(R"({"name": "resnet18", "classes": 0})"), Contains("model.classes"));
  CHECK_THROWS_WITH(parse_resnet_config(R"({"name": "resnet18", "classes": "5"})"), Contains("integer"));
  CHECK_THROWS_WITH(parse_resnet_config(R"({"name": "resnet18", "stem": "mnist"})"),
                    Contains("cifar, imagenet"));
  CHECK_THROWS_WITH(parse_resnet_config(R"({"name": "resnet18", "classes": 5, "classes": 6})"),
                    Contains("twice"));
  CHECK_THROWS_WITH(parse_resnet_config(R"({"family": "resnet", "widths": [8]})"),
                    Contains("widths names 1"));
  CHECK_THROWS_WITH(parse_resnet_config(R"({"family": "resnet", "widths": [1,1,1,1,1,1,1,1,1,1,1,1,1,1],
                                            "depths": [1,1,1,1,1,1,1,1,1,1,1,1,1,1]})"),
                    Contains("14 stages are more than 13"));
  const std::string deep(1'000'000, '[');
  CHECK_THROWS_WITH(parse_resnet_config(R"({"family": "resnet", "widths": )" + deep), Contains("nested"));
  CHECK_THROWS_WITH(parse_resnet_config(R"({"family": "vgg"})"), Contains("model.family"));
  CHECK_THROWS_AS(parse_resnet_config("{"), ConfigError);
  CHECK_THROWS_AS(parse_resnet_config("3"), ConfigError);
}
