// Which devices there are, and the one that a user means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tern/core/device.h"

namespace tern {

struct DeviceInfo {
  Device device;
  std::string name;       ///< "NVIDIA H200"; empty for the CPU.
  std::string problem;    ///< Why nothing can be computed on it and what to do; empty if all is well.
  bool emulated = false;  ///< Kernels run on the CPU (the build's TERN_CUDA is EMULATED).
};

/// The CPU, then the GPUs that the driver shows.
std::vector<DeviceInfo> available_devices();

/// "cpu", "cuda:0 (NVIDIA H200)"
std::string describe(Device device);

/// True for "auto", "cpu", "cuda" and "cuda:N".
bool is_device_name(std::string_view text);

/// The device that `text` names. "cuda" is cuda:0; "auto" is the first GPU that can be used, or the CPU; it
/// never is an emulated GPU. Throws ConfigError if is_device_name(text) is false, and DeviceError, saying
/// why, what to do and what there is, if the device cannot be used.
Device resolve_device(std::string_view text);

}  // namespace tern
