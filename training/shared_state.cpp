#include "tern/training/shared_state.h"

#include "tern/layers/state_dict.h"

namespace tern {
namespace {

void share(ProcessGroup& group, Tensor tensor) {
  Tensor host = tensor.to(Device{});
  group.broadcast(host.raw(), host.nbytes());
  if (tensor.device() != Device{}) tensor.copy_from(host);
}

}  // namespace

void share_state(ProcessGroup& group, Module& network, Optimizer& optimizer, WeightAverage* average,
                 RunProgress& progress) {
  for (const StateEntry& entry : state_dict(network)) share(group, entry.tensor);
  for (const auto& [name, tensor] : optimizer.state()) share(group, tensor);
  if (average != nullptr) {
    for (const auto& [name, tensor] : average->state()) share(group, tensor);
  }
  static_assert(std::is_trivially_copyable_v<RunProgress>);
  group.broadcast(&progress, sizeof progress);
}

void share_buffers(ProcessGroup& group, Module& network) {
  for (const auto& [name, buffer] : network.named_buffers()) share(group, buffer);
}

}  // namespace tern
