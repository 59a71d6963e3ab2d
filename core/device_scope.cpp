#include "tern/core/device_scope.h"

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {
namespace {

thread_local Device current_device;
thread_local const char* current_operation = nullptr;

}  // namespace

DeviceScope::DeviceScope(Device device, const char* operation)
    : previous_device_(current_device), previous_operation_(current_operation) {
  backend_of(device.type).make_current(device.index);
  current_device = device;
  current_operation = operation;
}

DeviceScope::~DeviceScope() {
  current_device = previous_device_;
  current_operation = previous_operation_;
}

const char* DeviceScope::operation() {
  return current_operation;
}

void DeviceScope::check(Device device) {
  if (device == current_device) return;
  require<DeviceError>(
      current_operation == nullptr,
      "{}: a tensor is on {}, but the operation runs on {}; move all its tensors to one device",
      current_operation, device, current_device);
  throw DeviceError(fmt::format(
      "Tensor: the elements are on {}, where the host cannot reach them; copy them by to() or to_vector()",
      device));
}

}  // namespace tern
