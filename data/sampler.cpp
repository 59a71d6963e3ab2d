#include "tern/data/sampler.h"

#include <limits>
#include <numeric>
#include <utility>

#include "tern/core/error.h"
#include "tern/core/random.h"

namespace tern {

Sampler::Sampler(std::int64_t size, bool shuffle, std::uint64_t seed)
    : size_(size), shuffle_(shuffle), seed_(seed) {
  require<DataError>(size >= 1, "sampler: the data set has no samples");
  require<DataError>(size <= std::numeric_limits<std::uint32_t>::max(),
                     "sampler: the data set has {} samples; 2^32 - 1 are the most", size);
}

std::vector<std::int64_t> Sampler::order(std::int64_t epoch) const {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size_));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  if (!shuffle_) return order;
  Random random(seed_, RandomPurpose::shuffle, static_cast<std::uint32_t>(epoch));
  for (std::size_t left = order.size(); left > 1; --left) {  // Fisher-Yates
    std::swap(order[left - 1], order[random.below(static_cast<std::uint32_t>(left))]);
  }
  return order;
}

}  // namespace tern
