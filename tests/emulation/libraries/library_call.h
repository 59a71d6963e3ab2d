// What every stand-in for a library does.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include "emulation/stream.h"
#include "emulation/traffic.h"
#include "tern/core/cuda/runtime.h"
#include "tern/core/device_scope.h"
#include "tern/core/tensor.h"

namespace tern::emulation {

/// The same memory as one of the host, which does not belong to the tensor: a graph, too, knows addresses
/// alone.
inline Tensor on_host(const Tensor& tensor) {
  const std::shared_ptr<void> memory(const_cast<void*>(tensor.raw()), [](void*) {});
  return Tensor::over(memory, tensor.shape(), tensor.dtype(), Device{});
}

/// Computes `result` of `operands`, all of them on the device, by functions of the CPU. Of the operands each
/// byte is loaded once, and of the result stored.
inline void library_call(
    const char* library, std::initializer_list<const Tensor*> operands, const Tensor& result,
    const std::function<void(const std::vector<Tensor>& operands, Tensor& result)>& body) {
  std::size_t loaded = 0;
  std::vector<Tensor> host_operands;
  for (const Tensor* operand : operands) {
    loaded += operand->nbytes();
    host_operands.push_back(on_host(*operand));
  }
  do_now(::tern::cuda::stream(), [=, operation = DeviceScope::operation(), host_result = on_host(result)] {
    const DeviceScope scope(Device{}, operation);
    count_traffic({operation, library}, loaded, host_result.nbytes());
    Tensor to = host_result;
    body(host_operands, to);
  });
}

}  // namespace tern::emulation
