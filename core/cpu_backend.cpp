#include "tern/core/cpu_backend.h"

#include <cstdlib>
#include <cstring>

#include "tern/core/caching_allocator.h"
#include "tern/core/error.h"

namespace tern {
namespace {

class CpuAllocator final : public CachingAllocator {
  static constexpr std::size_t kAlignment = 64;

  std::size_t block_size(std::size_t bytes) const override {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  void* system_allocate(std::size_t size) override { return std::aligned_alloc(kAlignment, size); }
  void system_free(void* block) noexcept override { std::free(block); }
};

class CpuBackend final : public DeviceBackend {
 public:
  void* allocate(std::size_t bytes, int) override {
    void* pointer = allocator_.allocate(bytes);
    require<DeviceError>(pointer != nullptr,
                         "out of memory on cpu: {} bytes wanted; a smaller batch needs less", bytes);
    return pointer;
  }
  void deallocate(void* pointer, std::size_t bytes, int) noexcept override {
    allocator_.deallocate(pointer, bytes);
  }
  DeviceMemory memory(int) override { return allocator_.memory(); }

  void copy_from_host(void* to, const void* from, std::size_t bytes, int) override { copy(to, from, bytes); }
  void copy_to_host(void* to, const void* from, std::size_t bytes, int) override { copy(to, from, bytes); }
  void copy_within(void* to, const void* from, std::size_t bytes, int) override { copy(to, from, bytes); }
  void fill_zero(void* pointer, std::size_t bytes, int) override {
    if (bytes > 0) std::memset(pointer, 0, bytes);
  }
  void make_current(int) override {}

 private:
  static void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }

  CpuAllocator allocator_;
};

}  // namespace

DeviceBackend& cpu_backend() {
  static auto* backend = new CpuBackend;  // never destroyed: tensors may outlive main
  return *backend;
}

}  // namespace tern
