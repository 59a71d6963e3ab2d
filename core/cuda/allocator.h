// The memory of a GPU.
//
// Stream-ordered: all kernels and copies of a device go to one stream (runtime.h), so a block may be handed
// out again as soon as the host has freed it. The next user's work is queued behind that of the last. A copy
// on another stream has to be ordered against it by events.
#pragma once

#include "tern/core/caching_allocator.h"

namespace tern::cuda {

class DeviceAllocator final : public CachingAllocator {
 public:
  explicit DeviceAllocator(int index) : index_(index) {}

  /// At least `bytes` bytes, aligned to 256. Throws DeviceError saying what is wanted, free and held by Tern
  /// if the GPU has no more.
  void* allocate_or_throw(std::size_t bytes);

 private:
  std::size_t block_size(std::size_t bytes) const override;
  void* system_allocate(std::size_t size) override;
  void system_free(void* block) noexcept override;

  int index_;
};

}  // namespace tern::cuda
