// Builds one batch of an epoch. What a batch holds depends on the seed, the epoch and its position alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "tern/core/error.h"
#include "tern/core/tensor.h"
#include "tern/data/dataset.h"
#include "tern/data/mixing.h"
#include "tern/data/sample_cache.h"
#include "tern/data/transforms.h"

namespace tern {

struct Batch {
  Tensor images;                      // (N, H, W, C) f32, normalised
  Tensor labels;                      // (N) i64; of mixed images the one that they show most of
  std::int64_t index = 0;             // number of the batch, or shard of one, in its epoch
  std::vector<std::int64_t> samples;  // (N) what the rows show, as indices into the data set
  // Of mixed images (mixing.h), which show `label_share` of `labels` and the rest of `partner_labels`.
  Tensor partner_labels;  // (N) i64; undefined where images are not mixed
  float label_share = 1;
};

struct BatchOptions {
  std::uint64_t seed = 0;       // of the augmentation
  std::size_t cache_bytes = 0;  // decoded images kept in memory
  std::int64_t max_bad = 1;     // a batch with so many different bad samples is given up
  Device device;                // where the batches are wanted
  MixingConfig mixing;
};

struct BadSample {
  std::int64_t index;
  std::string name;
  DataError error;
};

struct BuiltBatch {
  Batch batch;
  // Samples that failed and were replaced. With BatchOptions::max_bad of them the batch is void.
  std::vector<BadSample> bad;
};

class BatchBuilder {
 public:
  /// `dataset` must outlive the builder. The tensors are made for an Upload to the device.
  BatchBuilder(const Dataset& dataset, Transform transform, const BatchOptions& options);

  /// The batch of order[first, first + count). A bad sample is replaced by the next good one of the order
  /// (after its end comes its beginning), which the epoch then shows twice. Returns early with a void batch
  /// once `stop` asks for it. May be called from several threads at once.
  BuiltBatch build(std::span<const std::int64_t> order, std::int64_t first, std::int64_t count,
                   std::int64_t epoch, const std::stop_token& stop);

 private:
  std::int64_t place_sample(std::span<const std::int64_t> order, std::int64_t position, std::int64_t epoch,
                            float* pixels, std::int64_t& label, std::vector<BadSample>& bad);
  /// `first` is where the batch begins in its epoch.
  void mix(Batch& batch, std::int64_t epoch, std::int64_t first) const;
  void check_label(std::int64_t index, std::int64_t label) const;
  void load(std::int64_t index, std::int64_t epoch, float* pixels, std::int64_t& label);

  const Dataset& dataset_;
  Transform transform_;
  BatchOptions options_;
  SampleCache cache_;
};

}  // namespace tern
