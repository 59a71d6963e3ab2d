// Batches of a data set, decoded ahead by worker threads.
//
// Batches come in the order of the epoch and are the same to the bit for any number of workers. Each worker
// claims the next batch of a bounded ring, builds it alone and leaves it in its slot. For a GPU the batch
// after the one that next() returns is on its way already: its bytes are copied while the GPU works on this
// one, and normalised there.
//
// A batch may come in shards, for processes that share it out: next() then gives those of this process, one
// by one. Shard s of batch b is what batch b * shards + s of a loader with that batch size would be.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "tern/core/upload.h"
#include "tern/data/bad_images.h"
#include "tern/data/batch_builder.h"
#include "tern/data/dataset.h"
#include "tern/data/mixing.h"
#include "tern/data/sampler.h"
#include "tern/data/transforms.h"

namespace tern {

/// Of the equal shards of a batch, `count` from `first` on. Without drop_last the last ones of the last batch
/// may be smaller or missing.
struct ShardRange {
  std::int64_t total = 1;
  std::int64_t first = 0;
  std::int64_t count = 1;
};

struct LoaderConfig {
  std::int64_t batch_size = 128;
  bool shuffle = false;
  bool balanced = false;   // shuffled with as many samples of each class (sampler.h)
  bool drop_last = false;  // leave out the last batch of an epoch if it is smaller
  ShardRange shards;       // of a batch, and which of them are wanted
  int workers = 1;         // threads; 0: batches are built in next()
  int prefetch = 4;        // batches built ahead at most
  Device device;           // where the batches are wanted
  std::uint64_t seed = 0;  // of the order and of the augmentation
  BadImagePolicy bad_images = BadImagePolicy::fail;
  std::size_t cache_bytes = std::size_t{1} << 30;  // decoded images kept in memory; 0: none
  MixingConfig mixing;                             // of the images of a batch
};

/// For use by one thread.
class Loader {
 public:
  /// `dataset` must outlive the loader. Throws ConfigError for numbers out of range and DataError if there
  /// is not one batch in the data set.
  Loader(const Dataset& dataset, const Transform& transform, const LoaderConfig& config);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Batches of a whole epoch, of all shards.
  std::int64_t batch_count() const { return batch_count_; }
  const BadImageLog& bad_images() const { return log_; }

  /// Begins `epoch` at batch `first_batch`; those before it are not even decoded. What is left of another
  /// epoch is dropped. Throws ConfigError if first_batch is not in [0, batch_count()].
  void start_epoch(std::int64_t epoch, std::int64_t first_batch = 0);

  /// Moves the next batch, or shard of one, into `batch`, waiting for it; false at the end of the epoch and
  /// before the first. An error of a worker is thrown here, once, in place of the batch that it was building;
  /// it ends the epoch. Under BadImagePolicy::skip a bad sample is replaced by the next good one of the
  /// order.
  bool next(Batch& batch);

 private:
  struct Epoch {
    std::int64_t number = 0;
    std::vector<std::int64_t> order;
    std::stop_source dropped;
  };
  struct Slot {
    bool ready = false;
    BuiltBatch built;
    std::exception_ptr failure;
    // As far as the batch has them.
    std::unique_ptr<Upload> images, bytes, erased, labels, partner_labels;
  };

  void work(const std::stop_token& stop);
  bool can_claim() const;
  Slot build(const Epoch& epoch, std::int64_t part) noexcept;
  Slot fetch();
  Slot take_slot();
  Batch finish(Slot slot) const;
  void drop_epoch();
  std::int64_t shard_size() const { return config_.batch_size / config_.shards.total; }
  std::int64_t global_shard(std::int64_t part) const;

  const LoaderConfig config_;
  const std::int64_t size_;
  const std::int64_t batch_count_;
  const std::int64_t part_count_;  // what next() gives in a whole epoch: batches, or shards of this process
  const Sampler sampler_;
  BadImageLog log_;
  BatchBuilder builder_;
  const Tensor values_;  // of bytes, on a GPU; undefined on the CPU
  Slot ahead_;           // the next batch, on its way to the device; not ready if there is none

  std::mutex mutex_;  // guards what follows, up to the threads
  std::condition_variable_any claimable_;
  std::condition_variable ready_;
  std::shared_ptr<const Epoch> epoch_;
  std::int64_t next_claim_ = 0;
  std::int64_t next_fetch_ = 0;
  std::vector<Slot> ring_;  // part i is at i % prefetch

  std::vector<std::jthread> workers_;  // last: they use all of the above
};

}  // namespace tern
