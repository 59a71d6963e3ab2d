#include "tern/data/check_samples.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tern/core/error.h"

namespace tern {
namespace {

class Check {
 public:
  Check(const Dataset& dataset, const Transform& transform, std::int64_t max_bad,
        const std::function<bool()>& stop)
      : dataset_(dataset), transform_(transform), max_bad_(max_bad), stop_(stop) {}

  /// Takes pieces of the data set until there are none, or enough is known.
  void work() noexcept {
    constexpr std::int64_t kPiece = 64;
    try {
      while (!ended_ && !stop_()) {
        const std::int64_t first = next_.fetch_add(kPiece), last = std::min(first + kPiece, dataset_.size());
        if (first >= last) return;
        for (std::int64_t i = first; i < last; ++i) check(i);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      ended_ = true;
    }
  }

  void report(BadImagePolicy policy) const {
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    BadImageLog log(policy, dataset_.size());
    for (const auto& [index, error] : bad_) log.report(index, dataset_.name_of(index), error);
  }

 private:
  void check(std::int64_t index) {
    try {
      const std::optional<ImageExtents> extents = dataset_.extents_of(index);
      if (extents) check_extents(index, *extents);
    } catch (const DataError& error) {
      const std::lock_guard lock(mutex_);
      bad_.emplace(index, error);
      if (static_cast<std::int64_t>(bad_.size()) >= max_bad_) ended_ = true;
    }
  }

  void check_extents(std::int64_t index, ImageExtents extents) const {
    try {
      transform_.check(extents);
    } catch (const DataError& error) {
      throw DataError(fmt::format("{}: {}", dataset_.name_of(index), error.what()));
    }
  }

  const Dataset& dataset_;
  const Transform& transform_;
  const std::int64_t max_bad_;
  const std::function<bool()>& stop_;
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;  // guards what follows
  std::map<std::int64_t, DataError> bad_;
  std::exception_ptr failure_;
};

}  // namespace

void check_samples(const Dataset& dataset, const Transform& transform, BadImagePolicy policy, int threads,
                   const std::function<bool()>& stop) {
  const std::int64_t allowed = BadImageLog(policy, dataset.size()).allowed();
  Check check(dataset, transform, policy == BadImagePolicy::fail ? 1 : allowed + 1, stop);
  {
    std::vector<std::jthread> workers;
    for (int i = 1; i < threads; ++i) workers.emplace_back([&check] { check.work(); });
    check.work();
  }
  check.report(policy);
}

}  // namespace tern
