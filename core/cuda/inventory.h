// The GPUs of this machine, and what to tell a user who has none.
#pragma once

#include <string>
#include <vector>

#include "tern/core/device_choice.h"

namespace tern::cuda {

struct Inventory {
  std::vector<DeviceInfo> devices;
  std::string missing;  ///< Why there are none and what to do; empty if there is one.
};

/// The driver is queried once, without creating a context, which would be slow.
const Inventory& inventory();

/// The text of Inventory::missing for an error code of the CUDA runtime. Versions are CUDA's: 13020 is 13.2;
/// that of the driver is 0 where there is none. `visible` is the value of CUDA_VISIBLE_DEVICES or null.
std::string explain_missing(int error, int driver_version, int runtime_version, const char* visible);

}  // namespace tern::cuda
