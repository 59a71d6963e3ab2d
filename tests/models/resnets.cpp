#include "tests/models/resnets.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace tern::test {

ResNetConfig named_resnet(const std::string& name) {
  for (const NamedNetwork& network : named_resnets()) {
    if (network.name != name) continue;
    NetworkFields fields(std::vector<Json>{Json::parse(network.fields)});
    return read_resnet_config(fields);
  }
  throw std::runtime_error("there is no " + name);
}

NetworkConfig registered(const ResNetConfig& config) {
  const char* const blocks[] = {"basic", "bottleneck", "sttn"};
  const Json json = {
      {"family", "resnet"},
      {"block", blocks[static_cast<int>(config.block)]},
      {"stem", config.stem == Stem::cifar ? "cifar" : "imagenet"},
      {"widths", config.widths},
      {"depths", config.depths},
      {"classes", config.classes},
      {"input_size", {config.image[0], config.image[1]}},
      {"input_channels", config.image[2]},
      {"conv_bias", config.conv_bias},
      {"weight_gradient",
       weight_gradient_rule_names()[static_cast<std::size_t>(config.ternary.weight_gradient)]}};
  return parse_network_config(json.dump());
}

std::unique_ptr<GraphModule> merged_module(Module& pair, const ResNetConfig& config) {
  return std::make_unique<GraphModule>(merge(pair, config.image));
}

}  // namespace tern::test
