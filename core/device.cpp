#include "tern/core/device.h"

#include "tern/core/cpu_backend.h"
#include "tern/core/error.h"
#include "tern/core/format.h"
#ifdef TERN_WITH_CUDA
#include "tern/core/cuda/backend.h"
#endif

namespace tern {
namespace {

// Looked up one by one, so that a program that stays on the CPU never starts the CUDA runtime.
DeviceBackend* find_backend(DeviceType type) {
  if (type == DeviceType::cpu) return &cpu_backend();
#ifdef TERN_WITH_CUDA
  return cuda::backend();
#else
  return nullptr;
#endif
}

}  // namespace

std::string to_string(const Device& device) {
  return device.type == DeviceType::cpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

DeviceMemory device_memory(Device device) {
  return backend_of(device.type).memory(device.index);
}

bool has_backend(DeviceType type) {
  return find_backend(type) != nullptr;
}

DeviceBackend& backend_of(DeviceType type) {
  DeviceBackend* backend = find_backend(type);
  require<DeviceError>(backend != nullptr,
                       "device {}: this build or machine has no such backend; it has: cpu", Device{type, 0});
  return *backend;
}

}  // namespace tern
