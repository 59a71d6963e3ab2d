#include "tern/data/sample_cache.h"

#include "tern/core/error.h"

namespace tern {
namespace {

bool is_whole(const ImagePart& part) {
  return part.shrink == 1 && part.image.height == part.whole.height && part.image.width == part.whole.width;
}

}  // namespace

SampleCache::SampleCache(const Dataset& dataset, std::size_t capacity_bytes)
    : dataset_(dataset),
      capacity_bytes_(capacity_bytes),
      full_(capacity_bytes == 0),
      kept_(capacity_bytes > 0 ? static_cast<std::size_t>(dataset.size()) : 0) {}

std::shared_ptr<const PartialSample> SampleCache::get(std::int64_t index, const ChooseRegion& choose) {
  Kept kept;
  bool has_room = false;
  if (!kept_.empty()) {
    const std::lock_guard lock(mutex_);
    kept = kept_[static_cast<std::size_t>(index)];
    has_room = kept.sample == nullptr && !full_;
  }
  if (kept.sample != nullptr && (kept.never_shrunk || choose(kept.sample->part.whole).shrink == 1)) {
    return kept.sample;
  }
  if (has_room) return load_whole(index, choose);
  return std::make_shared<const PartialSample>(dataset_.load_part(index, choose));
}

/// But for what is wanted shrunk, which has other pixels and is not kept.
std::shared_ptr<const PartialSample> SampleCache::load_whole(std::int64_t index, const ChooseRegion& choose) {
  bool asked = false, enlarged = false;
  const ChooseRegion choose_whole = [&](ImageExtents extents) {
    asked = true;
    ImageRegion region = choose(extents);
    if (region.shrink == 1) {
      region.rectangle = {0, 0, extents.height, extents.width};
      enlarged = true;
    }
    return region;
  };
  try {
    auto sample = std::make_shared<const PartialSample>(dataset_.load_part(index, choose_whole));
    if (is_whole(sample->part)) keep(index, {sample, !asked});
    return sample;
  } catch (const DataError&) {
    if (!enlarged) throw;
  }
  // What is wanted may be whole all the same; whether an image is bad must not depend on the room.
  return std::make_shared<const PartialSample>(dataset_.load_part(index, choose));
}

void SampleCache::keep(std::int64_t index, const Kept& kept) {
  const std::size_t bytes = sizeof(PartialSample) + kept.sample->part.image.pixels.capacity();
  const std::lock_guard lock(mutex_);
  Kept& slot = kept_[static_cast<std::size_t>(index)];
  if (slot.sample != nullptr) return;
  if (used_bytes_ + bytes > capacity_bytes_) {
    full_ = true;
    return;
  }
  used_bytes_ += bytes;
  slot = kept;
}

}  // namespace tern
