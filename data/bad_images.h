// What to do with images that cannot be decoded: stop at once, or leave out a few and say which.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "tern/core/error.h"

namespace tern {

enum class BadImagePolicy {
  fail,  // the first bad image ends the run
  skip,  // bad images are left out, up to 1 % of the data set
};

/// Collects the bad images of one data set. Thread-safe: the workers of a loader report to one log.
class BadImageLog {
 public:
  BadImageLog(BadImagePolicy policy, std::int64_t dataset_size);

  /// Reports that sample `index`, called `name`, failed to load with `error`. Under `fail` throws `error`;
  /// under `skip` counts the sample, once however often it is reported, and throws DataError if now more than
  /// allowed() are bad.
  void report(std::int64_t index, const std::string& name, const DataError& error);

  /// How many samples may be bad under `skip`: 1 % of the data set rounded down, but one where the data set
  /// has 2 to 99 samples, so that one broken file does not end a small experiment.
  std::int64_t allowed() const { return allowed_; }
  /// Distinct bad samples so far.
  std::int64_t count() const;
  /// Names of the first 20 of them, in the order of the reports.
  std::vector<std::string> names() const;

 private:
  BadImagePolicy policy_;
  std::int64_t dataset_size_;
  std::int64_t allowed_;
  mutable std::mutex mutex_;
  std::unordered_set<std::int64_t> bad_;
  std::vector<std::string> names_;
  std::string first_reason_;
};

}  // namespace tern
