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
#include "tern/kernels/normalise_images.h"

namespace tern {

struct Batch {
  // (N, H, W, C), normalised; f32, or on a GPU kernels::activation_dtype(), which networks cast them to.
  Tensor images;
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

/// What kernels::normalise_images() makes the images of a batch of.
struct ImageBytes {
  Tensor images;  // (N, H, W, C) u8
  Tensor erased;  // (N, 2, 4) i32; undefined where nothing can be erased
  kernels::PairMix mix;
};

struct BuiltBatch {
  Batch batch;
  ImageBytes bytes;  // for a GPU, in place of Batch::images
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
  /// Tensors for `count` images.
  BuiltBatch make_batch(std::int64_t count) const;
  std::int64_t place_sample(std::span<const std::int64_t> order, std::int64_t position, std::int64_t epoch,
                            BuiltBatch& built, std::int64_t row);
  /// `first` is where the batch begins in its epoch.
  void mix(BuiltBatch& built, std::int64_t epoch, std::int64_t first) const;
  void check_label(std::int64_t index, std::int64_t label) const;
  /// Returns the label.
  std::int64_t load(std::int64_t index, std::int64_t epoch, BuiltBatch& built, std::int64_t row);
  void write_image(const ImagePart& part, const AugmentationKey& key, BuiltBatch& built,
                   std::int64_t row) const;

  const Dataset& dataset_;
  Transform transform_;
  BatchOptions options_;
  SampleCache cache_;
};

}  // namespace tern
