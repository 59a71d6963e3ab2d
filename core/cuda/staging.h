// Page-locked host memory, and copies from it on a stream of their own.
#pragma once

#include <deque>

#include "tern/core/caching_allocator.h"
#include "tern/core/host_staging.h"

namespace tern::cuda {

/// A block may be handed out again as soon as it is freed: HostStaging lets nobody free it while a copy is
/// pending.
class PinnedAllocator final : public CachingAllocator {
 public:
  explicit PinnedAllocator(int index) : index_(index) {}

 private:
  std::size_t block_size(std::size_t bytes) const override;
  void* system_allocate(std::size_t size) override;
  void system_free(void* block) noexcept override;

  int index_;
};

class Staging final : public HostStaging {
 public:
  explicit Staging(std::size_t devices);

  void* allocate(std::size_t bytes, int index) override;
  void deallocate(void* pointer, std::size_t bytes, int index) noexcept override;
  std::unique_ptr<PendingCopy> start_copy(void* to, const void* from, std::size_t bytes, int index) override;
  void read(const std::vector<Read>& reads, int index) override;

 private:
  std::deque<PinnedAllocator> allocators_;  // by device; their elements cannot be moved
};

}  // namespace tern::cuda
