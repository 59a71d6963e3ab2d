#include "emulation/device_memory.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <limits>

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

DeviceMemory::Range DeviceMemory::range_of(const void* pointer) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  Range gap{nullptr, reinterpret_cast<const char*>(std::numeric_limits<std::uintptr_t>::max()), false};
  auto after = bytes_.upper_bound(static_cast<const char*>(pointer));
  if (after != bytes_.end()) gap.end = after->first;
  if (after == bytes_.begin()) return gap;
  const auto& [first, bytes] = *--after;
  gap.begin = first + bytes;
  return pointer < gap.begin ? Range{first, gap.begin, true} : gap;
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
