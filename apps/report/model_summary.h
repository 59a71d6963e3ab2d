#pragma once

#include <string>

#include "tern/layers/module.h"
#include "tern/models/resnet_config.h"

namespace tern {

/// A table of the network: per layer its path, kind, output shape for one image, parameters, bits per
/// parameter, multiply-adds; then the totals and the size in bytes.
std::string model_summary(const Module& network, const ResNetConfig& config);

}  // namespace tern
