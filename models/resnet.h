#pragma once

#include <memory>

#include "tern/models/family.h"
#include "tern/models/resnet_config.h"

namespace tern {

/// ResNets as float networks and as pairs of binary branches.
Family resnet_family();

/// The network that `config` describes, on the CPU, its weights zero (see initialise.h).
std::unique_ptr<Module> make_resnet(const ResNetConfig& config);

}  // namespace tern
