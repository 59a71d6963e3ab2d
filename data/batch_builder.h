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
#include "tern/data/sample_cache.h"
#include "tern/data/transforms.h"

namespace tern {

struct Batch {
  Tensor images;                      // (N, S, S, C) f32, normalised
  Tensor labels;                      // (N) i64
  std::int64_t index = 0;             // number of the batch in its epoch
  std::vector<std::int64_t> samples;  // (N) what the rows show, as indices into the data set
};

struct BadSample {
  std::int64_t index;
  std::string name;
  DataError error;
};

struct BuiltBatch {
  Batch batch;
  // Samples that failed and were replaced. With `max_bad` of them the batch is void.
  std::vector<BadSample> bad;
};

class BatchBuilder {
 public:
  /// Gives up on a batch when `max_bad` different samples of it failed. `dataset` must outlive the builder.
  /// The tensors are made for an Upload to `device`.
  BatchBuilder(const Dataset& dataset, Transform transform, std::uint64_t seed, std::size_t cache_bytes,
               std::int64_t max_bad, Device device);

  /// The batch of order[first, first + count). A bad sample is replaced by the next good one of the order
  /// (after its end comes its beginning), which the epoch then shows twice. Returns early with a void batch
  /// once `stop` asks for it. May be called from several threads at once.
  BuiltBatch build(std::span<const std::int64_t> order, std::int64_t first, std::int64_t count,
                   std::int64_t epoch, const std::stop_token& stop);

 private:
  std::int64_t place_sample(std::span<const std::int64_t> order, std::int64_t position, std::int64_t epoch,
                            float* pixels, std::int64_t& label, std::vector<BadSample>& bad);
  void check_label(std::int64_t index, std::int64_t label) const;
  void load(std::int64_t index, std::int64_t epoch, float* pixels, std::int64_t& label);

  const Dataset& dataset_;
  Transform transform_;
  std::uint64_t seed_;
  std::int64_t max_bad_;
  Device device_;
  SampleCache cache_;
};

}  // namespace tern
