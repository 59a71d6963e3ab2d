// What every stand-in for a library does first.
#pragma once

#include <initializer_list>

#include "emulation/stream.h"
#include "emulation/traffic.h"
#include "tern/core/cuda/runtime.h"
#include "tern/core/device_scope.h"
#include "tern/core/tensor.h"

namespace tern::emulation {

/// The stream's work comes first; of the operands each byte is loaded once, and of the result stored.
inline void begin_library_call(const char* library, std::initializer_list<const Tensor*> operands,
                               const Tensor& result) {
  finish_work(::tern::cuda::stream());
  std::size_t loaded = 0;
  for (const Tensor* operand : operands) loaded += operand->nbytes();
  count_traffic({DeviceScope::operation(), library}, loaded, result.nbytes());
}

}  // namespace tern::emulation
