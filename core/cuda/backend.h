// CUDA devices as a DeviceBackend.
#pragma once

#include <functional>
#include <memory>

#include "tern/core/device.h"
#include "tern/core/device_graph.h"

namespace tern::cuda {

/// The process-wide backend, or null if this machine has no usable CUDA device.
DeviceBackend* backend();

/// tern::record_graph() on device `index` of those of backend().
std::unique_ptr<DeviceGraph> record_graph(int index, const std::function<void()>& work);

}  // namespace tern::cuda
