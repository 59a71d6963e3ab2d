// What every piece of CUDA host code needs: checked calls, and the stream of the current device. Not for
// public headers: it includes CUDA's own.
//
// All kernels and copies of a device go to one stream, so that they happen in the order of the program and
// need no further synchronisation among each other. Only batches on their way to the device (staging.h) have
// a stream of their own.
#pragma once

#include <cuda_runtime.h>

namespace tern::cuda {

/// Throws DeviceError with CUDA's name and description of the error, what was called and where.
void check(cudaError_t error, const char* what, const char* file, int line);

/// Makes `index` the current device of this thread.
void set_device(int index);

/// Makes `index` the current device of this thread for its lifetime, after which it is the one that the
/// thread had chosen before. A thread that had chosen none keeps `index`: to go back to the default, GPU 0,
/// would make a context there, half a gigabyte of it.
class DeviceGuard {
 public:
  explicit DeviceGuard(int index);
  ~DeviceGuard();
  DeviceGuard(const DeviceGuard&) = delete;
  DeviceGuard& operator=(const DeviceGuard&) = delete;

 private:
  int previous_;
};

/// The stream that kernels, copies and library calls on the current device use.
cudaStream_t stream();

/// The stream of copies that run beside those.
cudaStream_t copy_stream();

/// Whether TERN_CUDA_SYNC=1 is in the environment.
bool synchronises_after_launch();

/// After every launch: reports an error of the launch itself. With TERN_CUDA_SYNC=1 it
/// waits for the kernel too, so that an error inside a kernel is reported with its name and not by a later
/// call.
void check_launch(const char* kernel, const char* file, int line);

}  // namespace tern::cuda

/// TERN_CUDA_CHECK(cudaMalloc(&p, n)): throws DeviceError unless the call succeeds.
#define TERN_CUDA_CHECK(call) ::tern::cuda::check((call), #call, __FILE__, __LINE__)
