#include "tern/core/cuda/runtime.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "tern/core/error.h"

namespace tern::cuda {
namespace {

constexpr int kMaxDevices = 64;

constexpr int kNone = -1;

// Of this thread: that it chose.
thread_local bool has_chosen = false;

int current_device() {
  int device = 0;
  TERN_CUDA_CHECK(cudaGetDevice(&device));
  return device;
}

enum class Use : std::size_t { compute, copy };

cudaStream_t stream_of_current_device(Use use) {
  // Never destroyed: tensors, which are freed on the stream, may outlive main.
  static auto* streams = new std::array<std::array<cudaStream_t, kMaxDevices>, 2>{};
  static std::mutex mutex;
  const int device = current_device();
  const std::lock_guard<std::mutex> lock(mutex);
  cudaStream_t& stream = streams->at(static_cast<std::size_t>(use)).at(static_cast<std::size_t>(device));
  if (stream == nullptr) TERN_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}

}  // namespace

void check(cudaError_t error, const char* what, const char* file, int line) {
  require<DeviceError>(error == cudaSuccess, "cuda: {}: {} ({}), at {}:{}", what, cudaGetErrorString(error),
                       cudaGetErrorName(error), file, line);
}

void set_device(int index) {
  if (index != current_device()) TERN_CUDA_CHECK(cudaSetDevice(index));
  has_chosen = true;
}

// A device other than 0 is never the default: somebody else has chosen it.
DeviceGuard::DeviceGuard(int index)
    : previous_(has_chosen || current_device() != 0 ? current_device() : kNone) {
  set_device(index);
}

DeviceGuard::~DeviceGuard() {
  int device = kNone;
  if (previous_ == kNone || cudaGetDevice(&device) != cudaSuccess || device == previous_) return;
  cudaSetDevice(previous_);  // it was current before, so this cannot fail for a new reason
}

cudaStream_t stream() {
  return stream_of_current_device(Use::compute);
}

cudaStream_t copy_stream() {
  return stream_of_current_device(Use::copy);
}

bool synchronises_after_launch() {
  static const bool asked_to = [] {
    const char* value = std::getenv("TERN_CUDA_SYNC");
    return value != nullptr && std::strcmp(value, "1") == 0;
  }();
  return asked_to;
}

void check_launch(const char* kernel, const char* file, int line) {
  check(cudaGetLastError(), kernel, file, line);
  if (synchronises_after_launch()) check(cudaStreamSynchronize(stream()), kernel, file, line);
}

}  // namespace tern::cuda
