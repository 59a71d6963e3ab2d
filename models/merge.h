#pragma once

#include <memory>

#include "tern/layers/module.h"
#include "tern/models/resnet_config.h"

namespace tern {

struct MergedNetwork {
  ResNetConfig config;
  std::unique_ptr<Module> network;
};

/// The ternary network (BlockKind::ternary) equal to the trained pair `network` of `config`
/// (BlockKind::sttn): each pair becomes T = (B1 + B2) / 2 with the scale 2 * alpha; biases of the branches
/// move into the running mean of the batch norm behind them. In evaluation both networks compute the same
/// numbers to the bit. The result is on the CPU. Clamps the latent weights of `network` to [-1, 1] as every
/// forward pass does. Throws ConfigError if `config` is not a pair network.
MergedNetwork merge(Module& network, const ResNetConfig& config);

}  // namespace tern
