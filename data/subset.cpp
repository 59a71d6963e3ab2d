#include "tern/data/subset.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tern/core/crc32.h"
#include "tern/core/error.h"
#include "tern/core/random.h"

namespace tern {
namespace {

std::size_t validation_count(std::size_t samples, double fraction) {
  if (samples < 2) return 0;
  const auto rounded = static_cast<std::size_t>(std::llround(static_cast<double>(samples) * fraction));
  return std::clamp<std::size_t>(rounded, 1, samples - 1);
}

}  // namespace

Subset::Subset(std::shared_ptr<const Dataset> whole, std::vector<std::int64_t> indices,
               std::map<std::string, std::int64_t> ignored_files)
    : whole_(std::move(whole)), indices_(std::move(indices)), ignored_files_(std::move(ignored_files)) {}

std::int64_t Subset::in_whole(std::int64_t index) const {
  require<ShapeError>(index >= 0 && index < size(), "subset: index {} of {}", index, size());
  return indices_[static_cast<std::size_t>(index)];
}

std::uint32_t Subset::fingerprint() const {
  return crc32(whole_->fingerprint(), indices_.data(), indices_.size() * sizeof indices_[0]);
}

TrainingSplit split_stratified(const Dataset& dataset, double fraction, std::uint64_t seed) {
  TrainingSplit split;
  std::uint32_t label = 0;
  for (std::vector<std::int64_t>& indices : samples_by_class(dataset)) {
    Random random(seed, RandomPurpose::split, 0, label++);
    random.shuffle(indices);
    const auto count = static_cast<std::ptrdiff_t>(validation_count(indices.size(), fraction));
    split.validation.insert(split.validation.end(), indices.begin(), indices.begin() + count);
    split.training.insert(split.training.end(), indices.begin() + count, indices.end());
  }
  require<DataError>(!split.validation.empty(),
                     "no class has two images, so that none can be kept for validation");
  std::sort(split.training.begin(), split.training.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace tern
