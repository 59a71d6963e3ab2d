// The shards of one process side by side, each in a coroutine of its own, which waits at every batch norm for
// those of all processes: so that all of them get the statistics of the whole batch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "tern/distributed/process_group.h"
#include "tern/layers/module.h"

namespace tern {

class SynchronisedShards {
 public:
  /// `network` and `group` must outlive it; `shards` are those of all processes.
  SynchronisedShards(Module& network, ProcessGroup& group, std::int64_t shards);
  ~SynchronisedShards();

  /// Calls forward_and_backward(shard) for each shard of this process. Whatever order they take turns in,
  /// each finds the network with the gradients that it left there. Throws what one of them throws, on all
  /// processes (agree.h).
  void run(const std::function<void(std::int64_t shard)>& forward_and_backward);

  /// After run(): gives the network the gradients of `shard`.
  void take_gradients(std::int64_t shard);

 private:
  class Shard;

  void sum_values();

  Module& network_;
  ProcessGroup& group_;
  std::int64_t first_, own_, count_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace tern
