// Keeps samples, decoded whole, in memory, so that later epochs need not decode them again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "tern/data/dataset.h"

namespace tern {

class SampleCache {
 public:
  /// Keeps at most `capacity_bytes` of samples of `dataset`, which must outlive the cache.
  SampleCache(const Dataset& dataset, std::size_t capacity_bytes);

  /// The sample, from memory or else by `Dataset::load_part`, whose errors pass through: what of its pixels
  /// are at hand depends on the room, those of the region that `choose` asks for do not. May be called from
  /// several threads at once.
  std::shared_ptr<const PartialSample> get(std::int64_t index, const ChooseRegion& choose);

 private:
  struct Kept {
    std::shared_ptr<const PartialSample> sample;  // null: none
    bool never_shrunk = false;  // whatever is wanted of it, by a format that does not shrink
  };

  std::shared_ptr<const PartialSample> load_whole(std::int64_t index, const ChooseRegion& choose);
  void keep(std::int64_t index, const Kept& kept);

  const Dataset& dataset_;
  const std::size_t capacity_bytes_;
  std::mutex mutex_;
  std::size_t used_bytes_ = 0;
  bool full_ = false;  // once a sample had no room, no other is decoded whole for it
  // By index. Samples are kept as they come and never evicted: an epoch visits every sample once, so that
  // evicting the least recently used would drop the one that is needed next.
  std::vector<Kept> kept_;
};

}  // namespace tern
