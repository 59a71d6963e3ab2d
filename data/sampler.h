// The order in which an epoch visits the samples.
#pragma once

#include <cstdint>
#include <vector>

namespace tern {

class Sampler {
 public:
  /// Throws DataError for an empty data set or one of 2^32 samples and more.
  Sampler(std::int64_t size, bool shuffle, std::uint64_t seed);

  /// A balanced one, of the samples of each class. Throws as the other one.
  Sampler(std::vector<std::vector<std::int64_t>> classes, std::uint64_t seed);

  /// Every index in [0, size) once: ascending, or shuffled. A balanced order is shuffled and as long, but has
  /// as many samples of each class that has any, up to one: of a class with fewer all of them once, then once
  /// more, and so on; of one with more those that chance takes. Depends on (seed, epoch) alone, so that a
  /// resumed run goes on in the same order.
  std::vector<std::int64_t> order(std::int64_t epoch) const;

 private:
  std::vector<std::int64_t> balanced_order(std::int64_t epoch) const;

  std::int64_t size_;
  bool shuffle_;
  std::uint64_t seed_;
  std::vector<std::vector<std::int64_t>> classes_;  // none is empty; none at all: the order is not balanced
};

}  // namespace tern
