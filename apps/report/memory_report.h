#pragma once

#include <string>

#include "tern/core/device.h"
#include "tern/models/registry.h"

namespace tern {

/// A table of the bytes per image that a training step of the network keeps for its backward pass, by kind,
/// from the tape's own account: one forward pass on `device` of a small batch of noise with the cross-entropy
/// loss.
std::string memory_report(const NetworkConfig& config, Device device);

}  // namespace tern
