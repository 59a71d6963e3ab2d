#include "tern/data/batch_builder.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "tern/core/random.h"
#include "tern/core/upload.h"

namespace tern {
namespace {

/// Calls step(), whose DataErrors do not say which sample they are about.
template <class Step>
auto naming_sample(const Dataset& dataset, std::int64_t index, const Step& step) {
  try {
    return step();
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", dataset.name_of(index), error.what()));
  }
}

}  // namespace

BatchBuilder::BatchBuilder(const Dataset& dataset, Transform transform, const BatchOptions& options)
    : dataset_(dataset),
      transform_(std::move(transform)),
      options_(options),
      cache_(dataset, options.cache_bytes) {}

BuiltBatch BatchBuilder::build(std::span<const std::int64_t> order, std::int64_t first, std::int64_t count,
                               std::int64_t epoch, const std::stop_token& stop) {
  const auto [height, width] = transform_.size();
  const std::int64_t channels = transform_.channels(), values = height * width * channels;
  BuiltBatch built;
  // Backends hand out the blocks of batches that were dropped, so nothing is allocated in the long run.
  built.batch.images = staging_tensor({count, height, width, channels}, DType::f32, options_.device);
  built.batch.labels = staging_tensor({count}, DType::i64, options_.device);
  float* pixels = built.batch.images.data<float>();
  std::int64_t* labels = built.batch.labels.data<std::int64_t>();
  for (std::int64_t i = 0; i < count && !stop.stop_requested(); ++i) {
    const std::int64_t sample =
        place_sample(order, first + i, epoch, pixels + i * values, labels[i], built.bad);
    if (static_cast<std::int64_t>(built.bad.size()) >= options_.max_bad) break;
    built.batch.samples.push_back(sample);
  }
  const bool complete = static_cast<std::int64_t>(built.batch.samples.size()) == count;
  if (complete && options_.mixing.mixes()) mix(built.batch, epoch, first);
  return built;
}

void BatchBuilder::mix(Batch& batch, std::int64_t epoch, std::int64_t first) const {
  Random random(options_.seed, RandomPurpose::mix, static_cast<std::uint32_t>(epoch),
                static_cast<std::uint32_t>(first));
  batch.partner_labels = staging_tensor(batch.labels.shape(), DType::i64, options_.device);
  batch.label_share = mix_batch(options_.mixing, random, batch.images, batch.labels, batch.partner_labels);
}

/// Loads the first good sample at or after `position` and returns its index.
std::int64_t BatchBuilder::place_sample(std::span<const std::int64_t> order, std::int64_t position,
                                        std::int64_t epoch, float* pixels, std::int64_t& label,
                                        std::vector<BadSample>& bad) {
  for (std::size_t offset = 0; offset < order.size(); ++offset) {
    const std::int64_t index = order[(static_cast<std::size_t>(position) + offset) % order.size()];
    const auto is_index = [index](const BadSample& sample) { return sample.index == index; };
    if (std::any_of(bad.begin(), bad.end(), is_index)) continue;
    try {
      load(index, epoch, pixels, label);
    } catch (const DataError& error) {
      bad.push_back({index, dataset_.name_of(index), error});
      if (static_cast<std::int64_t>(bad.size()) >= options_.max_bad) return index;
      continue;
    }
    check_label(index, label);
    return index;
  }
  throw DataError(fmt::format("no sample can be loaded; {}", bad.front().error.what()));
}

/// A wrong label is no bad image: it is never left out.
void BatchBuilder::check_label(std::int64_t index, std::int64_t label) const {
  const auto classes = static_cast<std::int64_t>(dataset_.class_names().size());
  require<DataError>(label >= 0 && label < classes,
                     "{}: label {} is not in [0, {}), the classes of the data set", dataset_.name_of(index),
                     label, classes);
}

void BatchBuilder::load(std::int64_t index, std::int64_t epoch, float* pixels, std::int64_t& label) {
  const AugmentationKey key{options_.seed, static_cast<std::uint32_t>(epoch),
                            static_cast<std::uint32_t>(index)};
  const auto choose = [&](ImageExtents extents) {
    return naming_sample(dataset_, index, [&] { return transform_.region(extents, key); });
  };
  const auto sample = cache_.get(index, choose);
  naming_sample(dataset_, index, [&] { transform_.apply(sample->part, key, pixels); });
  label = sample->label;
}

}  // namespace tern
