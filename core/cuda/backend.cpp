#include "tern/core/cuda/backend.h"

#include <deque>

#include "tern/core/cuda/allocator.h"
#include "tern/core/cuda/graph.h"
#include "tern/core/cuda/inventory.h"
#include "tern/core/cuda/runtime.h"
#include "tern/core/cuda/staging.h"
#include "tern/core/error.h"

namespace tern::cuda {
namespace {

class Backend final : public DeviceBackend {
 public:
  explicit Backend(std::size_t devices) : staging_(devices) {
    for (std::size_t i = 0; i < devices; ++i) allocators_.emplace_back(static_cast<int>(i));
  }

  void* allocate(std::size_t bytes, int index) override { return allocator(index).allocate_or_throw(bytes); }
  void deallocate(void* pointer, std::size_t bytes, int index) noexcept override {
    allocators_[static_cast<std::size_t>(index)].deallocate(pointer, bytes);
  }
  DeviceMemory memory(int index) override { return allocator(index).memory(); }

  void copy_from_host(void* to, const void* from, std::size_t bytes, int index) override {
    copy(to, from, bytes, index, cudaMemcpyHostToDevice);
  }
  void copy_to_host(void* to, const void* from, std::size_t bytes, int index) override {
    copy(to, from, bytes, index, cudaMemcpyDeviceToHost);
  }
  void copy_within(void* to, const void* from, std::size_t bytes, int index) override {
    const DeviceGuard guard(index);
    TERN_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream()));
  }
  void fill_zero(void* pointer, std::size_t bytes, int index) override {
    const DeviceGuard guard(index);
    TERN_CUDA_CHECK(cudaMemsetAsync(pointer, 0, bytes, stream()));
  }
  void make_current(int index) override { set_device(index); }
  HostStaging* staging() override { return &staging_; }

  DeviceAllocator& allocator(int index) {
    require<DeviceError>(index >= 0 && static_cast<std::size_t>(index) < allocators_.size(),
                         "device cuda:{}: this machine has {} of them", index, allocators_.size());
    return allocators_[static_cast<std::size_t>(index)];
  }

 private:
  // The host side may be used or freed as soon as this returns, hence the wait.
  static void copy(void* to, const void* from, std::size_t bytes, int index, cudaMemcpyKind kind) {
    const DeviceGuard guard(index);
    TERN_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, kind, stream()));
    TERN_CUDA_CHECK(cudaStreamSynchronize(stream()));
  }

  std::deque<DeviceAllocator> allocators_;  // by index; their elements cannot be moved
  Staging staging_;
};

Backend* instance() {
  // Never destroyed: tensors may outlive main.
  static auto* backend = inventory().devices.empty() ? nullptr : new Backend(inventory().devices.size());
  return backend;
}

}  // namespace

DeviceBackend* backend() {
  return instance();
}

std::unique_ptr<DeviceGraph> record_graph(int index, const std::function<void()>& work) {
  return std::make_unique<Graph>(instance()->allocator(index), index, work);
}

}  // namespace tern::cuda
