// Sums over ranks of tensors on their GPUs, past the memory of the hosts.
#pragma once

#include <vector>

#include "tern/core/tensor.h"
#include "tern/distributed/process_group.h"

namespace tern {

/// Overwrites `tensors`, f32 on the GPU of this rank and of the same shapes on all, with their sums over the
/// ranks of `group`, whose GPUs are connected: as their reduction() says, for a tree
/// with the bits of tree_sum().
void sum_on_gpus(ProcessGroup& group, std::vector<Tensor>& tensors);

}  // namespace tern
