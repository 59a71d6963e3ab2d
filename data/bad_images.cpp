#include "tern/data/bad_images.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace tern {
namespace {

constexpr std::int64_t kPercent = 100;
constexpr std::size_t kMaxNames = 20;

std::int64_t allowed_of(std::int64_t dataset_size) {
  if (dataset_size < 2) return 0;
  return std::max<std::int64_t>(1, dataset_size / kPercent);
}

}  // namespace

BadImageLog::BadImageLog(BadImagePolicy policy, std::int64_t dataset_size)
    : policy_(policy), dataset_size_(dataset_size), allowed_(allowed_of(dataset_size)) {}

void BadImageLog::report(std::int64_t index, const std::string& name, const DataError& error) {
  if (policy_ == BadImagePolicy::fail) throw error;
  const std::lock_guard lock(mutex_);
  if (bad_.insert(index).second) {
    if (names_.empty()) first_reason_ = error.what();
    if (names_.size() < kMaxNames) names_.push_back(name);
  }
  const auto bad = static_cast<std::int64_t>(bad_.size());
  require<DataError>(
      bad <= allowed_,
      "{} of {} images cannot be decoded, the limit is 1 % ({}); first: {}; the first error was: {}", bad,
      dataset_size_, allowed_, fmt::join(names_, ", "), first_reason_);
}

std::int64_t BadImageLog::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(bad_.size());
}

std::vector<std::string> BadImageLog::names() const {
  const std::lock_guard lock(mutex_);
  return names_;
}

}  // namespace tern
