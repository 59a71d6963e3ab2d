#include "tern/data/sample_cache.h"

namespace tern {

SampleCache::SampleCache(const Dataset& dataset, std::size_t capacity_bytes)
    : dataset_(dataset),
      capacity_bytes_(capacity_bytes),
      kept_(capacity_bytes > 0 ? static_cast<std::size_t>(dataset.size()) : 0) {}

std::shared_ptr<const Sample> SampleCache::get(std::int64_t index) {
  std::shared_ptr<const Sample> sample = find(index);
  if (sample != nullptr) return sample;
  sample = std::make_shared<const Sample>(dataset_.load(index));
  keep(index, sample);
  return sample;
}

std::shared_ptr<const Sample> SampleCache::find(std::int64_t index) {
  if (kept_.empty()) return nullptr;
  const std::lock_guard lock(mutex_);
  return kept_[static_cast<std::size_t>(index)];
}

void SampleCache::keep(std::int64_t index, const std::shared_ptr<const Sample>& sample) {
  if (kept_.empty()) return;
  const std::size_t bytes = sizeof(Sample) + sample->image.pixels.capacity();
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const Sample>& slot = kept_[static_cast<std::size_t>(index)];
  if (slot != nullptr || used_bytes_ + bytes > capacity_bytes_) return;
  used_bytes_ += bytes;
  slot = sample;
}

}  // namespace tern
