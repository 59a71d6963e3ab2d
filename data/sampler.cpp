#include "tern/data/sampler.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "tern/core/error.h"
#include "tern/core/random.h"

namespace tern {
namespace {

std::int64_t total_size(const std::vector<std::vector<std::int64_t>>& classes) {
  std::size_t size = 0;
  for (const auto& samples : classes) size += samples.size();
  return static_cast<std::int64_t>(size);
}

}  // namespace

Sampler::Sampler(std::int64_t size, bool shuffle, std::uint64_t seed)
    : size_(size), shuffle_(shuffle), seed_(seed) {
  require<DataError>(size >= 1, "sampler: the data set has no samples");
  require<DataError>(size <= std::numeric_limits<std::uint32_t>::max(),
                     "sampler: the data set has {} samples; 2^32 - 1 are the most", size);
}

Sampler::Sampler(std::vector<std::vector<std::int64_t>> classes, std::uint64_t seed)
    : Sampler(total_size(classes), true, seed) {
  std::erase_if(classes, [](const auto& samples) { return samples.empty(); });
  classes_ = std::move(classes);
}

std::vector<std::int64_t> Sampler::balanced_order(std::int64_t epoch) const {
  Random random(seed_, RandomPurpose::shuffle, static_cast<std::uint32_t>(epoch));
  std::vector<std::vector<std::int64_t>> classes = classes_;
  random.shuffle(classes);  // the first ones get the samples that are left over
  const std::size_t size = static_cast<std::size_t>(size_), count = classes.size();
  std::vector<std::int64_t> order;
  order.reserve(size);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::int64_t>& samples = classes[i];
    for (std::size_t left = size / count + (i < size % count ? 1 : 0); left > 0;) {
      random.shuffle(samples);
      const std::size_t taken = std::min(left, samples.size());
      order.insert(order.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(taken));
      left -= taken;
    }
  }
  random.shuffle(order);
  return order;
}

std::vector<std::int64_t> Sampler::order(std::int64_t epoch) const {
  if (!classes_.empty()) return balanced_order(epoch);
  std::vector<std::int64_t> order(static_cast<std::size_t>(size_));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  if (!shuffle_) return order;
  Random random(seed_, RandomPurpose::shuffle, static_cast<std::uint32_t>(epoch));
  random.shuffle(order);
  return order;
}

}  // namespace tern
