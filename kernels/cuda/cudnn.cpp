#include "tern/kernels/cuda/cudnn.h"

#include "tern/core/cuda/runtime.h"
#include "tern/core/cuda/shared_library.h"
#include "tern/core/error.h"
#include "tern/kernels/common/cache.h"

namespace tern::kernels::cuda {

const Cudnn& cudnn() {
  static const Cudnn functions = [] {
    // As every program looks for it, else where the build found it.
    const ::tern::cuda::SharedLibrary library(
        "cuDNN", {"libcudnn.so.9", TERN_CUDNN_LIBRARY},
        "install cuDNN 9 (libcudnn9, or nvidia-cudnn of PyPI) or put its folder on LD_LIBRARY_PATH");
    Cudnn found{};
    library.find("cudnnGetVersion", found.get_version);
    library.find("cudnnGetErrorString", found.get_error_string);
    library.find("cudnnGetLastErrorString", found.get_last_error_string);
    library.find("cudnnCreate", found.create);
    library.find("cudnnSetStream", found.set_stream);
    library.find("cudnnBackendCreateDescriptor", found.create_descriptor);
    library.find("cudnnBackendDestroyDescriptor", found.destroy_descriptor);
    library.find("cudnnBackendSetAttribute", found.set_attribute);
    library.find("cudnnBackendGetAttribute", found.get_attribute);
    library.find("cudnnBackendFinalize", found.finalize);
    library.find("cudnnBackendExecute", found.execute);
    return found;
  }();
  return functions;
}

void check_cudnn(cudnnStatus_t status, const char* what, const char* file, int line) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char details[1024] = "";
  cudnn().get_last_error_string(details, sizeof(details));
  throw DeviceError(fmt::format("cuDNN: {}: {} ({}), at {}:{}", what, cudnn().get_error_string(status),
                                details, file, line));
}

cudnnHandle_t cudnn_handle() {
  static auto* handles = new Cache<cudaStream_t, cudnnHandle_t>;
  return handles->get(::tern::cuda::stream(), [] {
    cudnnHandle_t handle = nullptr;
    TERN_CUDNN_CHECK(cudnn().create(&handle));
    TERN_CUDNN_CHECK(cudnn().set_stream(handle, ::tern::cuda::stream()));
    return handle;
  });
}

}  // namespace tern::kernels::cuda
