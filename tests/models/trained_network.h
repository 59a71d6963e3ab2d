#pragma once

#include <memory>

#include "tern/layers/module.h"
#include "tern/models/resnet_config.h"

namespace tern::test {

/// A network as after training: initialised weights, and every other parameter and buffer away from its
/// initial value. In evaluation.
std::unique_ptr<Module> trained_network(const ResNetConfig& config);

}  // namespace tern::test
