#include "tern/data/loader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tern/core/error.h"
#include "tern/kernels/normalise_images.h"
#include "tern/kernels/precision.h"

namespace tern {
namespace {

LoaderConfig checked(const LoaderConfig& config) {
  require<ConfigError>(config.batch_size >= 1, "loader: batch_size is {}; it must be at least 1",
                       config.batch_size);
  require<ConfigError>(config.workers >= 0, "loader: workers is {}; 0 means none", config.workers);
  require<ConfigError>(config.prefetch >= 1, "loader: prefetch is {}; it must be at least 1",
                       config.prefetch);
  check_mixing(config.mixing);
  const ShardRange& shards = config.shards;
  require<ConfigError>(shards.total >= 1 && config.batch_size % shards.total == 0,
                       "loader: batch_size {} cannot be cut into {} equal shards", config.batch_size,
                       shards.total);
  require<ConfigError>(shards.first >= 0 && shards.count >= 1 && shards.first + shards.count <= shards.total,
                       "loader: shards {} to {} of {} do not exist", shards.first,
                       shards.first + shards.count - 1, shards.total);
  return config;
}

std::int64_t count_batches(std::int64_t size, const LoaderConfig& config) {
  const std::int64_t whole = size / config.batch_size;
  const std::int64_t count = config.drop_last || size % config.batch_size == 0 ? whole : whole + 1;
  require<DataError>(count >= 1, "loader: {} samples make no batch of {}; set a smaller batch_size", size,
                     config.batch_size);
  return count;
}

// Of all shards of an epoch, those that are wanted.
std::int64_t count_parts(std::int64_t size, std::int64_t batch_count, const LoaderConfig& config) {
  const ShardRange& shards = config.shards;
  const std::int64_t shard_size = config.batch_size / shards.total;
  const std::int64_t all = std::min((size + shard_size - 1) / shard_size, batch_count * shards.total);
  return all / shards.total * shards.count +
         std::clamp<std::int64_t>(all % shards.total - shards.first, 0, shards.count);
}

Tensor value_table(const Transform& transform, Device device) {
  if (device.type == DeviceType::cpu) return {};
  Tensor table = Tensor::empty({transform.channels(), 256}, DType::f32, {});
  std::memcpy(table.data<float>(), transform.value_table().data(),
              sizeof(float) * static_cast<std::size_t>(table.numel()));
  return table.to(device);
}

Sampler make_sampler(const Dataset& dataset, const LoaderConfig& config) {
  if (config.balanced) return {samples_by_class(dataset), config.seed};
  return {dataset.size(), config.shuffle, config.seed};
}

}  // namespace

Loader::Loader(const Dataset& dataset, const Transform& transform, const LoaderConfig& config)
    : config_(checked(config)),
      size_(dataset.size()),
      batch_count_(count_batches(size_, config)),
      part_count_(count_parts(size_, batch_count_, config)),
      sampler_(make_sampler(dataset, config)),
      log_(config.bad_images, size_),
      builder_(
          dataset, transform,
          {config.seed, config.cache_bytes,
           config.bad_images == BadImagePolicy::fail ? 1 : log_.allowed() + 1, config.device, config.mixing}),
      values_(value_table(transform, config.device)),
      next_claim_(part_count_),
      next_fetch_(part_count_),
      ring_(static_cast<std::size_t>(config.prefetch)) {
  for (int i = 0; i < config.workers; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    drop_epoch();
  }
  for (std::jthread& worker : workers_) worker.request_stop();  // all of them, before the first is joined
}

void Loader::start_epoch(std::int64_t epoch, std::int64_t first_batch) {
  require<ConfigError>(first_batch >= 0 && first_batch <= batch_count_,
                       "loader: start at batch {} of an epoch of {}", first_batch, batch_count_);
  auto started = std::make_shared<Epoch>();
  started->number = epoch;
  started->order = sampler_.order(epoch);
  {
    const std::lock_guard lock(mutex_);
    drop_epoch();
    epoch_ = std::move(started);
    next_claim_ = next_fetch_ = std::min(first_batch * config_.shards.count, part_count_);
  }
  claimable_.notify_all();
}

bool Loader::next(Batch& batch) {
  batch = {};  // its memory serves the batches being built
  Slot slot = ahead_.ready ? std::exchange(ahead_, Slot{}) : fetch();
  if (!slot.ready) return false;
  try {
    if (slot.failure != nullptr) std::rethrow_exception(slot.failure);
    // Here and not by the worker, so that the log sees bad samples in the order of the epoch.
    for (const BadSample& bad : slot.built.bad) log_.report(bad.index, bad.name, bad.error);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    drop_epoch();
    throw;
  }
  if (config_.device.type != DeviceType::cpu) ahead_ = fetch();
  batch = finish(std::move(slot));
  return true;
}

Batch Loader::finish(Slot slot) const {
  const auto finished = [](const std::unique_ptr<Upload>& upload) {
    return upload == nullptr ? Tensor() : upload->finish();
  };
  Batch batch = std::move(slot.built.batch);
  batch.labels = finished(slot.labels);
  batch.partner_labels = finished(slot.partner_labels);
  batch.images = slot.bytes == nullptr
                     ? finished(slot.images)
                     : kernels::normalise_images(finished(slot.bytes), values_, finished(slot.erased),
                                                 slot.built.bytes.mix, kernels::activation_dtype());
  return batch;
}

/// The next batch of the epoch with its way to the device begun; not ready at the end.
Loader::Slot Loader::fetch() {
  if (next_fetch_ >= part_count_) return {};
  Slot slot = workers_.empty() ? build(*epoch_, next_fetch_++) : take_slot();
  if (slot.failure != nullptr) return slot;
  Batch& batch = slot.built.batch;
  ImageBytes& bytes = slot.built.bytes;
  const auto upload = [this](Tensor& tensor) {
    return tensor.defined() ? std::make_unique<Upload>(std::move(tensor), config_.device) : nullptr;
  };
  try {
    slot.images = upload(batch.images);
    slot.bytes = upload(bytes.images);
    slot.erased = upload(bytes.erased);
    slot.labels = upload(batch.labels);
    slot.partner_labels = upload(batch.partner_labels);
  } catch (...) {
    slot.failure = std::current_exception();
  }
  return slot;
}

/// Waits for the batch whose turn it is and frees its place in the ring.
Loader::Slot Loader::take_slot() {
  Slot taken;
  {
    std::unique_lock lock(mutex_);
    Slot& slot = ring_[static_cast<std::size_t>(next_fetch_ % config_.prefetch)];
    ready_.wait(lock, [&slot] { return slot.ready; });
    taken = std::exchange(slot, Slot{});
    ++next_fetch_;
  }
  claimable_.notify_one();
  return taken;
}

/// Ends the epoch, if one is going on: built batches are thrown away, those being built abandoned.
void Loader::drop_epoch() {
  if (epoch_ == nullptr) return;
  std::stop_source(epoch_->dropped).request_stop();
  epoch_ = nullptr;
  ahead_ = {};
  next_claim_ = next_fetch_ = part_count_;
  for (Slot& slot : ring_) slot = Slot{};
}

bool Loader::can_claim() const {
  return next_claim_ < std::min(part_count_, next_fetch_ + config_.prefetch);
}

void Loader::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (claimable_.wait(lock, stop, [this] { return can_claim(); })) {
    const std::shared_ptr<const Epoch> epoch = epoch_;
    const std::int64_t index = next_claim_++;
    lock.unlock();
    Slot built = build(*epoch, index);
    lock.lock();
    if (epoch != epoch_) continue;
    ring_[static_cast<std::size_t>(index % config_.prefetch)] = std::move(built);
    ready_.notify_one();
  }
}

/// The number in the epoch, among the shards of all processes, of a part that next() gives.
std::int64_t Loader::global_shard(std::int64_t part) const {
  const ShardRange& shards = config_.shards;
  return part / shards.count * shards.total + shards.first + part % shards.count;
}

Loader::Slot Loader::build(const Epoch& epoch, std::int64_t part) noexcept {
  Slot slot;
  slot.ready = true;
  const std::int64_t index = global_shard(part);
  const std::int64_t first = index * shard_size();
  const std::int64_t count = std::min(shard_size(), size_ - first);
  try {
    slot.built = builder_.build(epoch.order, first, count, epoch.number, epoch.dropped.get_token());
    slot.built.batch.index = index;
  } catch (...) {
    slot.failure = std::current_exception();
  }
  return slot;
}

}  // namespace tern
