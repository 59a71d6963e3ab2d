#include "core/cuda/backend.h"

#include "core/cuda/runtime.h"

namespace tern::cuda {
namespace {

class Backend final : public DeviceBackend {
 public:
  void* allocate(std::size_t bytes, int index) override {
    const DeviceGuard guard(index);
    void* pointer = nullptr;
    TERN_CUDA_CHECK(cudaMalloc(&pointer, bytes == 0 ? 1 : bytes));
    return pointer;
  }
  void deallocate(void* pointer, std::size_t, int) noexcept override { cudaFree(pointer); }

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

 private:
  // The host side may be used or freed as soon as this returns, hence the wait.
  static void copy(void* to, const void* from, std::size_t bytes, int index, cudaMemcpyKind kind) {
    const DeviceGuard guard(index);
    TERN_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, kind, stream()));
    TERN_CUDA_CHECK(cudaStreamSynchronize(stream()));
  }
};

}  // namespace

DeviceBackend* backend() {
  static auto* instance = []() -> Backend* {
    int devices = 0;
    // Without a driver or a device this fails, and there simply is no such backend.
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) return nullptr;
    return new Backend;  // never destroyed: tensors may outlive main
  }();
  return instance;
}

}  // namespace tern::cuda
