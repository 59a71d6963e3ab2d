#include "tern/data/batch_builder.h"

#include <algorithm>
#include <array>
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
  BuiltBatch built = make_batch(count);
  for (std::int64_t row = 0; row < count && !stop.stop_requested(); ++row) {
    const std::int64_t sample = place_sample(order, first + row, epoch, built, row);
    if (static_cast<std::int64_t>(built.bad.size()) >= options_.max_bad) break;
    built.batch.samples.push_back(sample);
  }
  const bool complete = static_cast<std::int64_t>(built.batch.samples.size()) == count;
  if (complete && options_.mixing.mixes()) mix(built, epoch, first);
  return built;
}

// Backends hand out the blocks of batches that were dropped, so nothing is allocated in the long run.
BuiltBatch BatchBuilder::make_batch(std::int64_t count) const {
  const auto staged = [&](const Shape& shape, DType dtype) {
    return staging_tensor(shape, dtype, options_.device);
  };
  const auto [height, width] = transform_.size();
  const Shape images{count, height, width, transform_.channels()};
  BuiltBatch built;
  built.batch.labels = staged({count}, DType::i64);
  if (options_.device.type == DeviceType::cpu) {
    built.batch.images = staged(images, DType::f32);
  } else {
    built.bytes.images = staged(images, DType::u8);
    if (transform_.erases()) {
      built.bytes.erased = staged({count, std::tuple_size_v<ErasedParts>, 4}, DType::i32);
    }
  }
  return built;
}

void BatchBuilder::mix(BuiltBatch& built, std::int64_t epoch, std::int64_t first) const {
  Batch& batch = built.batch;
  Random random(options_.seed, RandomPurpose::mix, static_cast<std::uint32_t>(epoch),
                static_cast<std::uint32_t>(first));
  const Mix mix = draw_mix(options_.mixing, transform_.size(), random);
  if (batch.images.defined()) {
    mix_images(mix, batch.images);
  } else {
    const auto [top, left, height, width] = mix.part;
    built.bytes.mix = {mix.cuts ? 1.0F : mix.share, top, left, height, width};
  }
  batch.partner_labels = staging_tensor(batch.labels.shape(), DType::i64, options_.device);
  batch.label_share = mix_labels(mix, batch.labels, batch.partner_labels);
}

/// Loads the first good sample at or after `position` into a row of the batch and returns its index.
std::int64_t BatchBuilder::place_sample(std::span<const std::int64_t> order, std::int64_t position,
                                        std::int64_t epoch, BuiltBatch& built, std::int64_t row) {
  std::vector<BadSample>& bad = built.bad;
  std::int64_t& label = built.batch.labels.data<std::int64_t>()[row];
  for (std::size_t offset = 0; offset < order.size(); ++offset) {
    const std::int64_t index = order[(static_cast<std::size_t>(position) + offset) % order.size()];
    const auto is_index = [index](const BadSample& sample) { return sample.index == index; };
    if (std::any_of(bad.begin(), bad.end(), is_index)) continue;
    try {
      label = load(index, epoch, built, row);
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

std::int64_t BatchBuilder::load(std::int64_t index, std::int64_t epoch, BuiltBatch& built, std::int64_t row) {
  const AugmentationKey key{options_.seed, static_cast<std::uint32_t>(epoch),
                            static_cast<std::uint32_t>(index)};
  const auto choose = [&](ImageExtents extents) {
    return naming_sample(dataset_, index, [&] { return transform_.region(extents, key); });
  };
  const auto sample = cache_.get(index, choose);
  naming_sample(dataset_, index, [&] { write_image(sample->part, key, built, row); });
  return sample->label;
}

void BatchBuilder::write_image(const ImagePart& part, const AugmentationKey& key, BuiltBatch& built,
                               std::int64_t row) const {
  const auto [height, width] = transform_.size();
  const std::int64_t values = std::int64_t{height} * width * transform_.channels();
  if (built.batch.images.defined()) {
    return transform_.apply(part, key, built.batch.images.data<float>() + row * values);
  }
  ImageBytes& bytes = built.bytes;
  const ErasedParts erased =
      transform_.apply_to_bytes(part, key, bytes.images.data<std::uint8_t>() + row * values);
  if (!bytes.erased.defined()) return;
  std::int32_t* to = bytes.erased.data<std::int32_t>() + row * 4 * static_cast<std::int64_t>(erased.size());
  for (const Rectangle& r : erased)
    to = std::copy_n(std::array{r.top, r.left, r.height, r.width}.data(), 4, to);
}

}  // namespace tern
