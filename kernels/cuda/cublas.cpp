#include "tern/kernels/cuda/cublas.h"

#include "tern/core/cuda/runtime.h"
#include "tern/core/cuda/shared_library.h"
#include "tern/core/error.h"
#include "tern/kernels/common/cache.h"

// The name of a function as the library knows it: cublasCreate is a macro for cublasCreate_v2.
#define TERN_STRING(text) #text
#define TERN_SYMBOL(function) TERN_STRING(function)

namespace tern::kernels::cuda {
namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;  // what its manual recommends at most

// What cuBLAS computes in besides its operands: of its own it would have more for each graph that it is
// recorded in (core/device_graph.h). Never freed, as the handle.
void* workspace_on_current_device() {
  void* workspace = nullptr;
  TERN_CUDA_CHECK(cudaMalloc(&workspace, kWorkspaceBytes));
  return workspace;
}

}  // namespace

const Cublas& cublas() {
  static const Cublas functions = [] {
    // As every program looks for it, else where the build found it.
    const ::tern::cuda::SharedLibrary library(
        "cuBLAS", {"libcublas.so." TERN_SYMBOL(CUBLAS_VER_MAJOR), TERN_CUBLAS_LIBRARY},
        "it comes with the CUDA toolkit: put its folder on LD_LIBRARY_PATH");
    Cublas found{};
    library.find(TERN_SYMBOL(cublasCreate), found.create);
    library.find(TERN_SYMBOL(cublasSetStream), found.set_stream);
    library.find(TERN_SYMBOL(cublasSetWorkspace), found.set_workspace);
    library.find(TERN_SYMBOL(cublasSetMathMode), found.set_math_mode);
    library.find(TERN_SYMBOL(cublasSgemm), found.sgemm);
    library.find(TERN_SYMBOL(cublasGetStatusString), found.status_string);
    return found;
  }();
  return functions;
}

void check_cublas(cublasStatus_t status, const char* what, const char* file, int line) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw DeviceError(
      fmt::format("cuBLAS: {}: {}, at {}:{}", what, cublas().status_string(status), file, line));
}

cublasHandle_t cublas_handle() {
  static auto* handles = new Cache<cudaStream_t, cublasHandle_t>;
  return handles->get(::tern::cuda::stream(), [] {
    cublasHandle_t handle = nullptr;
    TERN_CUBLAS_CHECK(cublas().create(&handle));
    TERN_CUBLAS_CHECK(cublas().set_stream(handle, ::tern::cuda::stream()));
    TERN_CUBLAS_CHECK(cublas().set_workspace(handle, workspace_on_current_device(), kWorkspaceBytes));
    return handle;
  });
}

}  // namespace tern::kernels::cuda
