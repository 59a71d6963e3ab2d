#include "tern/models/resnet_config.h"

#include <algorithm>

#include "tern/core/error.h"

namespace tern {
namespace {

constexpr std::int64_t kMaxInputSize = 4096;

BlockKind block_by_name(const std::string& name) {
  if (name == "basic") return BlockKind::basic;
  return name == "bottleneck" ? BlockKind::bottleneck : BlockKind::sttn;
}

Stem stem_by_name(const std::string& name) {
  if (name == "imagenet") return Stem::imagenet;
  return name == "cifar" ? Stem::cifar : Stem::whitened;
}

// The first is the default.
std::vector<std::string> weights_of(BlockKind block) {
  if (block != BlockKind::sttn) return {"float"};
  std::vector<std::string> names = weight_names();
  std::erase(names, "float");
  std::stable_partition(names.begin(), names.end(), [](const std::string& name) { return name == "sttn"; });
  return names;
}

void read_block_options(NetworkFields& fields, ResNetConfig& config) {
  if (fields.choice("shortcut", "maxpool", {"maxpool", "avgpool_conv1x1"}) == "avgpool_conv1x1") {
    config.shortcut = Shortcut::avgpool_conv1x1;
  }
  if (fields.choice("activation", "prelu", {"prelu", "rprelu"}) == "rprelu") {
    config.activation = BlockActivation::rprelu;
  }
}

}  // namespace

ResNetConfig read_resnet_config(NetworkFields& fields) {
  ResNetConfig config;
  config.block = block_by_name(fields.choice("block", "basic", {"basic", "bottleneck", "sttn"}));
  config.stem = stem_by_name(fields.choice("stem", "imagenet", {"cifar", "imagenet", "whitened"}));
  config.widths = fields.integers("widths", config.widths, 1, 8192);
  config.depths = fields.integers("depths", config.depths, 0, 200);
  config.classes = fields.integer("classes", config.classes, 1, 1000000);
  config.image = fields.image(config.image, 1, kMaxInputSize);
  config.conv_bias = fields.flag("conv_bias", false);
  config.ternary = read_ternary_options(fields, weights_of(config.block));
  if (config.block == BlockKind::sttn) read_block_options(fields, config);
  require<ConfigError>(config.widths.size() == config.depths.size(),
                       "model: widths names {} stages and depths {}; give one of each per stage",
                       config.widths.size(), config.depths.size());
  const auto empty = std::find(config.depths.begin() + 1, config.depths.end(), 0);
  require<ConfigError>(
      empty == config.depths.end() && (config.depths.front() > 0 || config.depths.size() > 1),
      "model.depths: only the first of several stages may be without blocks");
  // Each stage but the first halves the image.
  constexpr std::size_t kMaxStages = 13;
  static_assert(kMaxInputSize >> (kMaxStages - 1) == 1);
  require<ConfigError>(config.widths.size() <= kMaxStages, "model.widths: {} stages are more than {}",
                       config.widths.size(), kMaxStages);
  return config;
}

std::vector<NamedNetwork> named_resnets() {
  const std::string cifar = R"("stem": "cifar", "classes": 10, "input_size": 32, )";
  const std::string cifar20 = cifar + R"("widths": [16, 32, 64], "depths": [3, 3, 3])";
  std::vector<NamedNetwork> networks = {
      {"resnet18", R"("depths": [2, 2, 2, 2])"},
      {"resnet34", R"("depths": [3, 4, 6, 3])"},
      {"cifar_resnet18", cifar + R"("depths": [2, 2, 2, 2])"},
      {"cifar_resnet20", cifar20},
  };
  for (std::size_t i = 0, count = networks.size(); i < count; ++i) {
    networks.push_back({networks[i].name + "_bwx2", R"("block": "sttn", )" + networks[i].fields});
  }
  networks.push_back({"resnet50", R"("block": "bottleneck", "depths": [3, 4, 6, 3])"});
  for (NamedNetwork& network : networks) network.fields = "{" + network.fields + "}";
  return networks;
}

void check_input_size(const ResNetConfig& config) {
  const std::int64_t first = config.stem == Stem::imagenet ? 4 : 1;
  const std::int64_t divisor = first << (config.widths.size() - 1);
  for (const std::int64_t side : {config.image[0], config.image[1]}) {
    require<ConfigError>(side % divisor == 0,
                         "model.input_size: {} is not a multiple of {}, which {} stages of ternary blocks "
                         "need",
                         side, divisor, config.widths.size());
  }
}

}  // namespace tern
