#include "core/device.h"

#include <array>

#include "core/cpu_backend.h"
#include "core/error.h"
#include "core/format.h"
#ifdef TERN_WITH_CUDA
#include "core/cuda/backend.h"
#endif

namespace tern {
namespace {

std::array<DeviceBackend*, 2>& backends() {
#ifdef TERN_WITH_CUDA
  static std::array<DeviceBackend*, 2> registered{&cpu_backend(), cuda::backend()};
#else
  static std::array<DeviceBackend*, 2> registered{&cpu_backend(), nullptr};
#endif
  return registered;
}

}  // namespace

std::string to_string(const Device& device) {
  return device.type == DeviceType::cpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

void register_backend(DeviceType type, DeviceBackend* backend) {
  backends().at(static_cast<std::size_t>(type)) = backend;
}

bool has_backend(DeviceType type) {
  return backends().at(static_cast<std::size_t>(type)) != nullptr;
}

DeviceBackend& backend_of(DeviceType type) {
  require<DeviceError>(has_backend(type), "device {}: this build or machine has no such backend; it has: cpu",
                       Device{type, 0});
  return *backends().at(static_cast<std::size_t>(type));
}

}  // namespace tern
