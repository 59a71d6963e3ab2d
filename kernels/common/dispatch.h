// Kernel<Signature>: one operation with its implementation per device.
//
// The contract of an operation is the function in kernels/<op>.h; its kernels/<op>.cpp checks arguments,
// allocates results and calls one record of this type. A device without an implementation gives one uniform
// error.
#pragma once

#include "tern/core/device_scope.h"
#include "tern/core/error.h"
#include "tern/core/format.h"

/// Names the CUDA implementation in builds that have one.
#ifdef TERN_WITH_CUDA
#define TERN_CUDA_KERNEL(function) &function
#else
#define TERN_CUDA_KERNEL(function) nullptr
#endif

namespace tern::kernels {

template <class Signature>
struct Kernel;

template <class Result, class... Parameters>
struct Kernel<Result(Parameters...)> {
  using Function = Result (*)(Parameters...);

  const char* name;
  Function cpu;
  Function cuda;

  template <class... Arguments>
  Result operator()(Device device, Arguments&&... arguments) const {
    const Function function = device.type == DeviceType::cpu ? cpu : cuda;
    require<DeviceError>(function != nullptr, "{}: no kernel for {} in this build", name, device);
    const DeviceScope scope(device, name);
    return function(std::forward<Arguments>(arguments)...);
  }
};

}  // namespace tern::kernels
