// What cudaMalloc hands out: heap blocks of the host, each of exactly the size asked for.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

namespace tern::emulation {

class DeviceMemory {
 public:
  explicit DeviceMemory(std::size_t total) : total_(total) {}

  /// Null if no more than `bytes` are free.
  void* allocate(std::size_t bytes);
  /// False if `pointer` is not from allocate().
  bool deallocate(void* pointer);

  /// The allocation into which `pointer` points, or the gap between two.
  struct Range {
    const char *begin, *end;
    bool allocated;
  };
  Range range_of(const void* pointer) const;

  /// Whether `pointer` points into an allocation.
  bool holds(const void* pointer) const { return range_of(pointer).allocated; }

  std::size_t total() const { return total_; }
  std::size_t used() const;

 private:
  const std::size_t total_;
  mutable std::mutex mutex_;
  std::size_t used_ = 0;
  std::map<const char*, std::size_t> bytes_;  // by first byte
};

/// TERN_EMULATED_MEMORY in the environment says how large that of each device is.
DeviceMemory& device_memory(int device);

}  // namespace tern::emulation
