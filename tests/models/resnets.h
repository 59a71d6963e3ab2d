// ResNets as tests describe them.
#pragma once

#include <memory>
#include <string>

#include "tern/models/graph_module.h"
#include "tern/models/registry.h"
#include "tern/models/resnet.h"

namespace tern::test {

/// The smallest pairs with a down-sampling block.
inline const ResNetConfig kSmallPair{BlockKind::sttn, Stem::cifar, {8, 16}, {1, 1}, 10, {32, 32, 3}};

ResNetConfig named_resnet(const std::string& name);

/// As a configuration or a checkpoint has it.
NetworkConfig registered(const ResNetConfig& config);

/// Merged, as a module.
std::unique_ptr<GraphModule> merged_module(Module& pair, const ResNetConfig& config);

}  // namespace tern::test
