#include "tern/core/caching_allocator.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace tern {

bool CachingAllocator::recycles() {
#if defined(__SANITIZE_ADDRESS__)
  return false;
#else
  static const bool asked_not_to = [] {
    const char* value = std::getenv("TERN_NO_MEMORY_CACHING");
    return value != nullptr && std::string_view(value) == "1";
  }();
  return !asked_not_to;
#endif
}

void* CachingAllocator::allocate(std::size_t bytes) {
  const std::size_t size = block_size(std::max<std::size_t>(bytes, 1));
  void* block = take_cached(size);
  if (block == nullptr) block = ask_system(size);
  if (block == nullptr) {
    release_cached();
    block = ask_system(size);
  }
  if (block == nullptr) return nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  memory_.live_bytes += size;
  memory_.peak_bytes = std::max(memory_.peak_bytes, memory_.live_bytes);
  return block;
}

void CachingAllocator::deallocate(void* block, std::size_t bytes) noexcept {
  const std::size_t size = block_size(std::max<std::size_t>(bytes, 1));
  const std::lock_guard<std::mutex> lock(mutex_);
  memory_.live_bytes -= size;
  if (recycles()) {
    try {
      free_blocks_[size].push_back(block);
      memory_.cached_bytes += size;
      return;
    } catch (...) {  // no memory to remember the block in
    }
  }
  system_free(block);
}

DeviceMemory CachingAllocator::memory() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return memory_;
}

void* CachingAllocator::take_cached(std::size_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = free_blocks_.find(size);
  if (found == free_blocks_.end() || found->second.empty()) return nullptr;
  void* block = found->second.back();
  found->second.pop_back();
  memory_.cached_bytes -= size;
  return block;
}

void* CachingAllocator::ask_system(std::size_t size) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++memory_.system_allocations;
  }
  return system_allocate(size);
}

void CachingAllocator::release_cached() {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto& [size, blocks] : free_blocks_) {
    for (void* block : blocks) system_free(block);
    blocks.clear();
  }
  memory_.cached_bytes = 0;
}

}  // namespace tern
