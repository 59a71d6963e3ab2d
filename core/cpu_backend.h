// Host memory for tensors: 64-byte aligned, recycled through a cache of freed blocks.
#pragma once

#include "tern/core/device.h"

namespace tern {

/// The process-wide CPU backend.
DeviceBackend& cpu_backend();

}  // namespace tern
