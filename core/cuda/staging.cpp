#include "tern/core/cuda/staging.h"

#include <exception>

#include "tern/core/cuda/event.h"
#include "tern/core/cuda/runtime.h"
#include "tern/core/error.h"

namespace tern::cuda {
namespace {

/// Whoever gets the error of a later step frees or reuses the host's memory: no copy may be under way then.
class FinishOnError {
 public:
  explicit FinishOnError(cudaStream_t stream) : stream_(stream) {}
  ~FinishOnError() {
    if (std::uncaught_exceptions() > exceptions_) cudaStreamSynchronize(stream_);
  }
  FinishOnError(const FinishOnError&) = delete;
  FinishOnError& operator=(const FinishOnError&) = delete;

 private:
  cudaStream_t stream_;
  int exceptions_ = std::uncaught_exceptions();
};

class Copy final : public PendingCopy {
 public:
  Copy(void* to, const void* from, std::size_t bytes) {
    // The block at `to` may have been freed by the host alone, with work on it still queued.
    Event allocated;
    allocated.record(stream());
    allocated.make_stream_wait(copy_stream());
    const FinishOnError finish(copy_stream());
    TERN_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, copy_stream()));
    done_.record(copy_stream());
  }
  ~Copy() override {
    try {
      done_.synchronise();
    } catch (...) {  // whoever uses the device next gets the error again
    }
  }
  void wait() override { done_.synchronise(); }

 private:
  Event done_;
};

}  // namespace

std::size_t PinnedAllocator::block_size(std::size_t bytes) const {
  constexpr std::size_t kPage = 4096;
  return (bytes + kPage - 1) / kPage * kPage;
}

void* PinnedAllocator::system_allocate(std::size_t size) {
  const DeviceGuard guard(index_);
  void* block = nullptr;
  const cudaError_t error = cudaHostAlloc(&block, size, cudaHostAllocPortable);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // forgets it
    return nullptr;
  }
  TERN_CUDA_CHECK(error);
  return block;
}

void PinnedAllocator::system_free(void* block) noexcept {
  try {
    const DeviceGuard guard(index_);
    cudaFreeHost(block);
  } catch (const DeviceError&) {  // the program ends and CUDA has gone before
  }
}

Staging::Staging(std::size_t devices) {
  for (std::size_t i = 0; i < devices; ++i) allocators_.emplace_back(static_cast<int>(i));
}

void* Staging::allocate(std::size_t bytes, int index) {
  void* block = allocators_.at(static_cast<std::size_t>(index)).allocate(bytes);
  require<DeviceError>(
      block != nullptr,
      "out of page-locked memory: {} bytes wanted; a smaller batch needs less, and so does less "
      "prefetching",
      bytes);
  return block;
}

void Staging::deallocate(void* pointer, std::size_t bytes, int index) noexcept {
  allocators_[static_cast<std::size_t>(index)].deallocate(pointer, bytes);
}

std::unique_ptr<PendingCopy> Staging::start_copy(void* to, const void* from, std::size_t bytes, int index) {
  const DeviceGuard guard(index);
  return std::make_unique<Copy>(to, from, bytes);
}

void Staging::read(const std::vector<Read>& reads, int index) {
  const DeviceGuard guard(index);
  const FinishOnError finish(stream());
  for (const Read& read : reads) {
    TERN_CUDA_CHECK(cudaMemcpyAsync(read.to, read.from, read.bytes, cudaMemcpyDeviceToHost, stream()));
  }
  TERN_CUDA_CHECK(cudaStreamSynchronize(stream()));
}

}  // namespace tern::cuda
