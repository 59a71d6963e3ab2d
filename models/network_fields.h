// The fields of a network's description in JSON, read one by one; every error names the key.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tern/core/shape.h"
#include "tern/core/strict_json.h"

namespace tern {

class NetworkFields {
 public:
  /// Values are looked for in `layers`, JSON objects, the first of which that has the key counts.
  explicit NetworkFields(const std::vector<Json>& layers);
  ~NetworkFields();

  /// A value of `key` is given.
  bool has(const std::string& key);

  // Each returns the value of `key`, or `fallback` where there is none. Throws ConfigError if it is ill-typed
  // or out of range.

  std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t low, std::int64_t high);
  /// A list that is not empty.
  std::vector<std::int64_t> integers(const std::string& key, std::vector<std::int64_t> fallback,
                                     std::int64_t low, std::int64_t high);
  bool flag(const std::string& key, bool fallback);
  /// (H, W, C), of "input_size", an integer or the list [H, W] of two between `low` and `high`, and
  /// "input_channels".
  Shape image(const Shape& fallback, std::int64_t low, std::int64_t high);
  /// One of `allowed`.
  std::string choice(const std::string& key, const std::string& fallback,
                     const std::vector<std::string>& allowed);

  /// Throws ConfigError with the nearest known key if the first layer, what a user wrote, has keys that
  /// nobody has read.
  void finish() const;

  /// All that has been read, with its value: reading it again gives the same.
  const Json& resolved() const;

 private:
  struct Values;

  const Json* find(const std::string& key);

  std::set<std::string> known_;
  std::unique_ptr<Values> values_;
};

}  // namespace tern
