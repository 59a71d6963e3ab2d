// DeviceScope: which device the running operation computes on.
//
// Memory of a GPU and of the host have addresses that look alike. Kernel dispatch opens a scope, and
// Tensor::data compares: an access from the wrong side is an error with a name instead of a crash, in the
// emulated build (whose device memory the host could read) as well.
#pragma once

#include "tern/core/device.h"

namespace tern {

/// While an object of this class lives, this thread runs `operation` on `device`, which becomes the current
/// one of its backend. Outside of every scope a thread computes on the CPU.
class DeviceScope {
 public:
  /// `operation` begins the errors of check(); it must outlive the scope.
  DeviceScope(Device device, const char* operation);
  ~DeviceScope();
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

  /// Throws DeviceError unless memory of `device` may be used here.
  static void check(Device device);

  /// What this thread runs; null outside of every scope.
  static const char* operation();

 private:
  Device previous_device_;
  const char* previous_operation_;
};

}  // namespace tern
