// A loop that keeps the int8 tensor cores of a GPU busy with registers alone.
#pragma once

#include <cstdint>

#include "tern/core/device.h"
#include "tern/core/tensor.h"

namespace tern::bench {

struct Int8Products {
  Tensor sums;  ///< i32, one per thread. They add up to `macs`: every multiply-accumulate adds 1.
  double macs;
};

/// Starts `steps` steps on all multiprocessors of the GPU by mma.sync.m16n8k32; may return before the end.
/// steps <= 1,000,000, beyond which the sums overflow. Throws DeviceError.
Int8Products multiply_int8(Device device, int steps);

}  // namespace tern::bench
