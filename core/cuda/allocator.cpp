#include "tern/core/cuda/allocator.h"

#include "tern/core/cuda/runtime.h"
#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern::cuda {
namespace {

/// Memory is allocated while this thread records a graph, too: the graph's own, which outlives it.
class AllowWhileRecording {
 public:
  AllowWhileRecording() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  ~AllowWhileRecording() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  AllowWhileRecording(const AllowWhileRecording&) = delete;
  AllowWhileRecording& operator=(const AllowWhileRecording&) = delete;

 private:
  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;
};

double gibibytes(std::size_t bytes) {
  return static_cast<double>(bytes) / (1 << 30);
}

}  // namespace

void* DeviceAllocator::allocate_or_throw(std::size_t bytes) {
  void* block = allocate(bytes);
  if (block != nullptr) return block;
  const DeviceGuard guard(index_);
  std::size_t available = 0, total = 0;
  TERN_CUDA_CHECK(cudaMemGetInfo(&available, &total));
  throw DeviceError(fmt::format(
      "out of memory on {}: {:.3f} GiB wanted, {:.3f} of {:.3f} GiB free, {:.3f} GiB held by this program's "
      "tensors; a smaller batch needs less, and nvidia-smi shows who else uses the GPU",
      Device{DeviceType::cuda, index_}, gibibytes(bytes), gibibytes(available), gibibytes(total),
      gibibytes(memory().live_bytes)));
}

std::size_t DeviceAllocator::block_size(std::size_t bytes) const {
  if (!recycles()) return bytes;  // to the byte, so that an overrun is seen
  // cudaMalloc maps pages of 2 MiB: a large block costs no less.
  constexpr std::size_t kSmall = 512, kLarge = std::size_t{2} << 20;
  const std::size_t step = bytes < kLarge / 2 ? kSmall : kLarge;
  return (bytes + step - 1) / step * step;
}

void* DeviceAllocator::system_allocate(std::size_t size) {
  const DeviceGuard guard(index_);
  const AllowWhileRecording allow;
  void* block = nullptr;
  const cudaError_t error = cudaMalloc(&block, size);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // forgets it: a later launch would report it as its own
    return nullptr;
  }
  TERN_CUDA_CHECK(error);
  return block;
}

void DeviceAllocator::system_free(void* block) noexcept {
  try {
    const DeviceGuard guard(index_);
    cudaFree(block);
  } catch (const DeviceError&) {  // the program ends and CUDA has gone before
  }
}

}  // namespace tern::cuda
