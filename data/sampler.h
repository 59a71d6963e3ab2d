// The order in which an epoch visits the samples.
#pragma once

#include <cstdint>
#include <vector>

namespace tern {

class Sampler {
 public:
  /// Throws DataError for an empty data set or one of 2^32 samples and more.
  Sampler(std::int64_t size, bool shuffle, std::uint64_t seed);

  /// Every index in [0, size) once: ascending, or shuffled. Depends on (seed, epoch) alone, so that a
  /// resumed run goes on in the same order.
  std::vector<std::int64_t> order(std::int64_t epoch) const;

 private:
  std::int64_t size_;
  bool shuffle_;
  std::uint64_t seed_;
};

}  // namespace tern
