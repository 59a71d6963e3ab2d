#include "tern/core/caching_allocator.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "tern/core/error.h"

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
  BlockPool* const pool = pool_of_this_thread();
  void* block = pool == nullptr ? nullptr : take_from(pool->free_blocks_, size);
  const bool new_in_pool = pool != nullptr && block == nullptr;
  if (block == nullptr) block = take_from(free_blocks_, size);
  if (block == nullptr) block = ask_system(size);
  if (block == nullptr && pool == nullptr) {
    release_cached();
    block = ask_system(size);
  }
  if (block == nullptr) return nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (new_in_pool) {
    pools_.emplace(block, pool);
    pool->bytes_ += size;
  }
  memory_.live_bytes += size;
  memory_.peak_bytes = std::max(memory_.peak_bytes, memory_.live_bytes);
  return block;
}

void CachingAllocator::deallocate(void* block, std::size_t bytes) noexcept {
  const std::size_t size = block_size(std::max<std::size_t>(bytes, 1));
  const std::lock_guard<std::mutex> lock(mutex_);
  memory_.live_bytes -= size;
  const auto pool = pools_.find(block);
  if (pool != pools_.end() || recycles()) {
    try {
      (pool == pools_.end() ? free_blocks_ : pool->second->free_blocks_)[size].push_back(block);
      if (pool == pools_.end()) memory_.cached_bytes += size;
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

BlockPool* CachingAllocator::pool_of_this_thread() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return filling_thread_ == std::this_thread::get_id() ? filled_pool_ : nullptr;
}

void* CachingAllocator::take_from(FreeBlocks& blocks, std::size_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = blocks.find(size);
  if (found == blocks.end() || found->second.empty()) return nullptr;
  void* block = found->second.back();
  found->second.pop_back();
  if (&blocks == &free_blocks_) memory_.cached_bytes -= size;
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

void CachingAllocator::end_pool(BlockPool& pool) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(pools_, [&pool](const auto& block) { return block.second == &pool; });
  for (auto& [size, blocks] : pool.free_blocks_) {
    if (recycles()) {
      std::vector<void*>& cached = free_blocks_[size];
      cached.insert(cached.end(), blocks.begin(), blocks.end());
      memory_.cached_bytes += size * blocks.size();
    } else {
      for (void* block : blocks) system_free(block);
    }
  }
}

BlockPool::~BlockPool() {
  allocator_.end_pool(*this);
}

BlockPool::Use::Use(BlockPool& pool) : allocator_(pool.allocator_) {
  const std::lock_guard<std::mutex> lock(allocator_.mutex_);
  require<Error>(allocator_.filled_pool_ == nullptr, "BlockPool: another one is being filled");
  allocator_.filled_pool_ = &pool;
  allocator_.filling_thread_ = std::this_thread::get_id();
}

BlockPool::Use::~Use() {
  const std::lock_guard<std::mutex> lock(allocator_.mutex_);
  allocator_.filled_pool_ = nullptr;
  allocator_.filling_thread_ = {};
}

}  // namespace tern
