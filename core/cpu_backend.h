// Host memory for tensors: 64-byte aligned, recycled through a cache of freed blocks.
#pragma once

#include "core/device.h"

namespace tern {

/// The process-wide CPU backend. A training step allocates the same sizes every time, so freed blocks
/// are kept by size and handed out again: after the first step nothing is asked of the system.
/// Under AddressSanitizer blocks are returned at once, so that it can see a use after free.
DeviceBackend& cpu_backend();

/// Bytes held by live CPU tensors now, and the most there ever were at one time.
struct CpuMemory {
  std::size_t live_bytes;
  std::size_t peak_bytes;
};
CpuMemory cpu_memory();

}  // namespace tern
