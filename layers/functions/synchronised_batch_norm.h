// Batch norms over a batch that is cut into shards, each of which goes through the network in a thread of its
// own: in training they take the statistics of the whole batch.
//
//   of integers, the sums over all shards, which are exact;
//   of floats    mean = sum_s m_s / S,  variance = sum_s (m_s^2 + v_s) / S - mean^2,  in double,
//
// with the mean m_s and the variance v_s of each of the S shards, of equal size, as channel_statistics()
// gives them; and in the backward the means of g and of g * x_hat from the sums of dbeta and dgamma, in
// double. (Szegedy et al.'s statistics over several devices: torch.nn.SyncBatchNorm.)
#pragma once

#include <cstdint>
#include <vector>

#include "tern/layers/functions/batch_norm.h"

namespace tern {

/// The shards of a batch, as the thread of one of them sees them.
class BatchShards {
 public:
  virtual ~BatchShards() = default;
  virtual std::int64_t count() const = 0;
  /// Whether this thread's batch norms update the running statistics: the same in all, they are moved once.
  virtual bool updates_running_statistics() const = 0;
  /// Overwrites `values`, as many in each shard, with their sums over all of them, in an order that depends
  /// on count() alone.
  virtual void sum(std::vector<double>& values) = 0;
};

/// While it lives, batch norms of this thread are synchronised with those of the other `shards`, which have
/// to live until the backward passes of this thread are done.
class SynchronisedBatchNorms {
 public:
  explicit SynchronisedBatchNorms(BatchShards& shards);
  ~SynchronisedBatchNorms();
  SynchronisedBatchNorms(const SynchronisedBatchNorms&) = delete;
  SynchronisedBatchNorms& operator=(const SynchronisedBatchNorms&) = delete;

  /// Those of this thread; null: its batches are whole.
  static BatchShards* shards();
};

/// batch_norm_terms() in training, of x that is one of `shards`. Throws NumericError naming the layer if the
/// statistics of this shard are NaN or infinite, before the others learn of them.
kernels::BatchNormTerms synchronised_terms(BatchShards& shards, const Tensor& x, const Tensor& scale,
                                           const BatchNormArguments& arguments, const Tensor& sums,
                                           const kernels::ChannelStatistics& known);

/// What the statistics of x are to the backward of a batch norm.
kernels::BatchStatistics statistics_for_backward(const Tensor& x, bool training);

}  // namespace tern
