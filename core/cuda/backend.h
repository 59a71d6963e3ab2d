// CUDA devices as a DeviceBackend.
#pragma once

#include "tern/core/device.h"

namespace tern::cuda {

/// The process-wide backend, or null if this machine has no usable CUDA device.
DeviceBackend* backend();

}  // namespace tern::cuda
