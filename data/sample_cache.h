// Keeps decoded samples in memory, so that later epochs need not decode them again.
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

  /// The sample, from memory or else by `Dataset::load`, whose errors pass through. May be called from
  /// several threads at once.
  std::shared_ptr<const Sample> get(std::int64_t index);

 private:
  std::shared_ptr<const Sample> find(std::int64_t index);
  void keep(std::int64_t index, const std::shared_ptr<const Sample>& sample);

  const Dataset& dataset_;
  const std::size_t capacity_bytes_;
  std::mutex mutex_;
  std::size_t used_bytes_ = 0;
  // By index. Samples are kept as they come and never evicted: an epoch visits every sample once, so that
  // evicting the least recently used would drop the one that is needed next.
  std::vector<std::shared_ptr<const Sample>> kept_;
};

}  // namespace tern
