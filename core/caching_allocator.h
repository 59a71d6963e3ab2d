// Blocks of memory, kept when they are freed and handed out again.
//
// A training step asks for the same sizes every time. So freed blocks are kept by size, and after the first
// step there are no allocations from the system, which are slow: cudaMalloc takes up to a millisecond, and
// cudaFree waits for the device. Blocks are never split or joined. The cache holds at most as many blocks of
// a size as were live at the same time; all are returned to the system before an allocation of another size
// fails.
#pragma once

#include <cstddef>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tern/core/device.h"

namespace tern {

class CachingAllocator;

/// Blocks that nobody else gets while the pool lives, freed or not: for a recorded graph, which knows their
/// addresses (device_graph.h). Blocks of the cache become the pool's as it needs them, and are the cache's
/// again after its end; those that are still in use then, once they are freed.
class BlockPool {
 public:
  explicit BlockPool(CachingAllocator& allocator) : allocator_(allocator) {}
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  /// Of all its blocks.
  std::size_t bytes() const { return bytes_; }

  /// While an object of this class lives, what its thread allocates are blocks of `pool`. There is one at a
  /// time for an allocator.
  class Use {
   public:
    explicit Use(BlockPool& pool);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    CachingAllocator& allocator_;
  };

 private:
  friend class CachingAllocator;

  CachingAllocator& allocator_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::size_t, std::vector<void*>> free_blocks_;
};

/// May be used by several threads.
class CachingAllocator {
 public:
  /// Whether freed blocks are kept. Not under AddressSanitizer, nor with TERN_NO_MEMORY_CACHING=1 in the
  /// environment, for compute-sanitizer: blocks then have the size that was asked for and return to the
  /// system at once, so that these tools see a use after free, an overrun and a read of uninitialised memory.
  static bool recycles();

  CachingAllocator() = default;
  virtual ~CachingAllocator() = default;
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  /// A block of at least `bytes` bytes, or null if the system has no more even when the cache is empty, or,
  /// for a pool, has no more.
  void* allocate(std::size_t bytes);
  /// Gives back what `allocate(bytes)` returned.
  void deallocate(void* block, std::size_t bytes) noexcept;
  DeviceMemory memory() const;

 protected:
  /// The size of a block for `bytes` bytes, rounded up in coarse steps so that more allocations can share
  /// blocks.
  virtual std::size_t block_size(std::size_t bytes) const = 0;
  /// A new block, or null if there is no memory left.
  virtual void* system_allocate(std::size_t size) = 0;
  virtual void system_free(void* block) noexcept = 0;

 private:
  friend class BlockPool;
  using FreeBlocks = std::unordered_map<std::size_t, std::vector<void*>>;

  BlockPool* pool_of_this_thread() const;
  void* take_from(FreeBlocks& blocks, std::size_t size);
  void* ask_system(std::size_t size);
  void release_cached();
  void end_pool(BlockPool& pool);

  mutable std::mutex mutex_;  // guards the members below and those of pools
  FreeBlocks free_blocks_;
  std::unordered_map<void*, BlockPool*> pools_;  // of each block that is a pool's
  BlockPool* filled_pool_ = nullptr;
  std::thread::id filling_thread_;
  DeviceMemory memory_;
};

}  // namespace tern
