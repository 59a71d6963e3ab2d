#pragma once

#include <memory>

#include "tern/layers/module.h"
#include "tern/models/resnet_config.h"

namespace tern {

/// The network that `config` describes, on the CPU, its weights zero (see initialise.h).
std::unique_ptr<Module> make_resnet(const ResNetConfig& config);

}  // namespace tern
