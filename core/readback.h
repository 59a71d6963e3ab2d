// From a device to the host, several tensors at a time.
#pragma once

#include <vector>

#include "tern/core/tensor.h"

namespace tern {

/// Copies on the CPU of tensors that are all on one device (those already there are returned themselves;
/// undefined ones stay undefined). However many they are, the host waits for the device once.
std::vector<Tensor> to_host(const std::vector<Tensor>& tensors);

}  // namespace tern
