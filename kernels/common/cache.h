// Values that are made once for each key: the plans of a library for problems of one shape, its handles for
// devices.
#pragma once

#include <map>
#include <mutex>

namespace tern::kernels {

/// Values are never moved or freed. Meant to be a static object that is never destroyed, if the values belong
/// to a library that may be unloaded before it.
template <class Key, class Value>
class Cache {
 public:
  /// The value of `key`, made by `make()` the first time.
  template <class Make>
  const Value& get(const Key& key, const Make& make) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = values_.find(key);
    return found != values_.end() ? found->second : values_.emplace(key, make()).first->second;
  }

  /// f(key, value) of all that there are, by their keys.
  template <class Function>
  void for_each(const Function& f) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [key, value] : values_) f(key, value);
  }

 private:
  std::mutex mutex_;
  std::map<Key, Value> values_;
};

}  // namespace tern::kernels
