#include "core/cpu_backend.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/error.h"

namespace tern {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kRecycle = false;
#else
constexpr bool kRecycle = true;
#endif

constexpr std::size_t kAlignment = 64;

std::size_t round_up(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

class CpuBackend final : public DeviceBackend {
 public:
  void* allocate(std::size_t bytes, int) override {
    const std::size_t size = round_up(bytes == 0 ? 1 : bytes);
    void* pointer = take_cached(size);
    if (pointer == nullptr) pointer = std::aligned_alloc(kAlignment, size);
    require<DeviceError>(pointer != nullptr,
                         "out of memory on cpu: {} bytes wanted; a smaller batch needs less", size);
    return pointer;
  }

  void deallocate(void* pointer, std::size_t bytes, int) noexcept override {
    const std::size_t size = round_up(bytes == 0 ? 1 : bytes);
    const std::lock_guard<std::mutex> lock(mutex_);
    memory_.live_bytes -= size;
    if (!kRecycle) {
      std::free(pointer);
      return;
    }
    try {
      free_blocks_[size].push_back(pointer);
    } catch (...) {
      std::free(pointer);
    }
  }

  void copy_from_host(void* to, const void* from, std::size_t bytes, int) override { copy(to, from, bytes); }
  void copy_to_host(void* to, const void* from, std::size_t bytes, int) override { copy(to, from, bytes); }
  void copy_within(void* to, const void* from, std::size_t bytes, int) override { copy(to, from, bytes); }
  void fill_zero(void* pointer, std::size_t bytes, int) override {
    if (bytes > 0) std::memset(pointer, 0, bytes);
  }

  CpuMemory memory() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return memory_;
  }

 private:
  static void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }

  void* take_cached(std::size_t size) {
    const std::lock_guard<std::mutex> lock(mutex_);
    memory_.live_bytes += size;
    if (memory_.live_bytes > memory_.peak_bytes) memory_.peak_bytes = memory_.live_bytes;
    const auto found = free_blocks_.find(size);
    if (found == free_blocks_.end() || found->second.empty()) return nullptr;
    void* pointer = found->second.back();
    found->second.pop_back();
    return pointer;
  }

  std::mutex mutex_;
  std::unordered_map<std::size_t, std::vector<void*>> free_blocks_;
  CpuMemory memory_{0, 0};
};

CpuBackend& instance() {
  static CpuBackend* backend = new CpuBackend;  // never destroyed: tensors may outlive main
  return *backend;
}

}  // namespace

DeviceBackend& cpu_backend() {
  return instance();
}

CpuMemory cpu_memory() {
  return instance().memory();
}

}  // namespace tern
