#include "emulation/device_memory.h"

#include <cstdlib>
#include <cstring>
#include <deque>

#include "emulation/devices.h"
#include "emulation/thread.h"

namespace tern::emulation {

void* DeviceMemory::allocate(std::size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bytes > total_ - used_) return nullptr;
  void* const pointer = std::malloc(bytes);
  if (pointer == nullptr) return nullptr;
  std::memset(pointer, kUninitialised, bytes);
  bytes_[static_cast<const char*>(pointer)] = bytes;
  used_ += bytes;
  return pointer;
}

bool DeviceMemory::deallocate(void* pointer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = bytes_.find(static_cast<const char*>(pointer));
  if (found == bytes_.end()) return false;
  used_ -= found->second;
  bytes_.erase(found);
  std::free(pointer);
  return true;
}

bool DeviceMemory::holds(const void* pointer) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto after = bytes_.upper_bound(static_cast<const char*>(pointer));
  if (after == bytes_.begin()) return false;
  const auto& [first, bytes] = *--after;
  return static_cast<const char*>(pointer) < first + bytes;
}

std::size_t DeviceMemory::used() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return used_;
}

DeviceMemory& device_memory(int device) {
  constexpr std::size_t kDefaultBytes = std::size_t{8} << 30;
  static auto* memories = [] {
    const char* bytes = std::getenv("TERN_EMULATED_MEMORY");
    auto* all = new std::deque<DeviceMemory>;
    for (int i = 0; i < device_count(); ++i) {
      all->emplace_back(bytes == nullptr ? kDefaultBytes : std::strtoull(bytes, nullptr, 10));
    }
    return all;
  }();  // never destroyed: tensors may outlive main
  return memories->at(static_cast<std::size_t>(device));
}

}  // namespace tern::emulation
