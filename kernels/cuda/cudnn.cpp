#include "tern/kernels/cuda/cudnn.h"

#include "tern/core/cuda/runtime.h"
#include "tern/core/error.h"
#include "tern/kernels/common/cache.h"

namespace tern::kernels::cuda {

void check_cudnn(cudnnStatus_t status, const char* what, const char* file, int line) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char details[1024] = "";
  cudnnGetLastErrorString(details, sizeof(details));
  throw DeviceError(
      fmt::format("cuDNN: {}: {} ({}), at {}:{}", what, cudnnGetErrorString(status), details, file, line));
}

cudnnHandle_t cudnn_handle() {
  static auto* handles = new Cache<cudaStream_t, cudnnHandle_t>;
  return handles->get(::tern::cuda::stream(), [] {
    cudnnHandle_t handle = nullptr;
    TERN_CUDNN_CHECK(cudnnCreate(&handle));
    TERN_CUDNN_CHECK(cudnnSetStream(handle, ::tern::cuda::stream()));
    return handle;
  });
}

}  // namespace tern::kernels::cuda
