// What the processes of a group have in common, taken from rank 0.
#pragma once

#include "tern/distributed/process_group.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/training/run_state.h"
#include "tern/training/weight_average.h"

namespace tern {

/// Gives all ranks the network, optimiser, average (if there is one) and progress of rank 0.
void share_state(ProcessGroup& group, Module& network, Optimizer& optimizer, WeightAverage* average,
                 RunProgress& progress);

/// Gives all ranks the buffers of rank 0: the running statistics, which are those of the first shard.
void share_buffers(ProcessGroup& group, Module& network);

}  // namespace tern
