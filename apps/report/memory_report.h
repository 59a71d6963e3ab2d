#pragma once

#include <cstdint>
#include <string>

#include "tern/core/device.h"
#include "tern/models/registry.h"

namespace tern {

/// A table of the bytes per image that a training step of the network keeps for its backward pass, by kind,
/// from the tape's own account: one forward pass on `device` of noise with the cross-entropy loss. On a GPU
/// it is of `batch_size` images and followed by the backward pass, and the report has the most that tensors
/// held meanwhile, and cuDNN's engine for each float convolution with the memory that it takes for itself.
std::string memory_report(const NetworkConfig& config, std::int64_t batch_size, Device device);

}  // namespace tern
