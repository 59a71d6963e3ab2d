// A step of training on a batch that is cut into shards, which one or several processes work through.
//
// Each shard is a small batch: its batch norms take its own statistics, as in PyTorch's nn.DataParallel, and
// the running ones are those of the first shard; or those of the whole batch, as in torch.nn.SyncBatchNorm.
// Gradients are added up over a binary tree of the shards (shard_tree.h), whose upper levels may lie between
// processes. So a step gives the same bits for any number of processes
// that is a power of two and divides the number of shards; in one process it accumulates gradients.
#pragma once

#include <cstdint>
#include <functional>

#include "tern/distributed/process_group.h"
#include "tern/training/training_step.h"

namespace tern {

/// Throws ConfigError, saying which numbers would do, unless `ranks` divides `shards` and, for a tree, is a
/// power of two.
void check_ranks(std::int64_t shards, int ranks, Reduction reduction);

/// Of what batch norms take the statistics.
enum class BatchNormStatistics {
  shard,
  synchronised,  ///< All shards: layers/functions/synchronised_batch_norm.h.
};

class ShardedStep {
 public:
  /// All must outlive it. `next_shard` gives the shards of this process, of equal size, in their order.
  /// Throws as check_ranks(). `graph`, one of this network or null, serves processes with one shard each
  /// whose batch norms take its statistics alone; sums over processes are not in it. Of several shards the
  /// gradients need memory of their own, and other statistics come through the host.
  ShardedStep(Module& network, Optimizer& optimizer, std::int64_t shards, ProcessGroup& group,
              std::function<Batch()> next_shard, BatchNormStatistics batch_norm = BatchNormStatistics::shard,
              StepGraph* graph = nullptr);

  /// As training_step() on the whole batch; the result has no logits. What fails in one process, fails in all
  /// before any weight has changed.
  StepResult run(const Loss& loss, const StepOptions& options);

  std::int64_t own_shards() const { return shards_ / group_.size(); }

 private:
  class Sum;

  std::int64_t first_shard() const { return group_.rank() * own_shards(); }
  Backpropagation backpropagate_shard(const Batch& shard, const Loss& loss);

  Module& network_;
  Optimizer& optimizer_;
  std::int64_t shards_;
  ProcessGroup& group_;
  std::function<Batch()> next_shard_;
  BatchNormStatistics batch_norm_;
  StepGraph* graph_;
};

}  // namespace tern
