#include "tern/kernels/cuda/cublas.h"

#include <dlfcn.h>

#include "tern/core/cuda/runtime.h"
#include "tern/core/error.h"
#include "tern/kernels/common/cache.h"

// The name of a function as the library knows it: cublasCreate is a macro for cublasCreate_v2.
#define TERN_STRING(text) #text
#define TERN_SYMBOL(function) TERN_STRING(function)

namespace tern::kernels::cuda {
namespace {

void* open_library() {
  // As every program looks for it, else where the build found it.
  for (const char* path : {"libcublas.so." TERN_SYMBOL(CUBLAS_VER_MAJOR), TERN_CUBLAS_LIBRARY}) {
    if (void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL); library != nullptr) return library;
  }
  throw DeviceError(fmt::format(
      "cuBLAS: {}; it comes with the CUDA toolkit: put its folder on LD_LIBRARY_PATH", dlerror()));
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  require<DeviceError>(function != nullptr,
                       "cuBLAS: the library has no {}; Tern was built with version {}.{}", name,
                       CUBLAS_VER_MAJOR, CUBLAS_VER_MINOR);
}

}  // namespace

const Cublas& cublas() {
  static const Cublas functions = [] {
    void* library = open_library();  // never closed
    Cublas found{};
    find(library, TERN_SYMBOL(cublasCreate), found.create);
    find(library, TERN_SYMBOL(cublasSetStream), found.set_stream);
    find(library, TERN_SYMBOL(cublasSetMathMode), found.set_math_mode);
    find(library, TERN_SYMBOL(cublasSgemm), found.sgemm);
    find(library, TERN_SYMBOL(cublasGetStatusString), found.status_string);
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
    return handle;
  });
}

}  // namespace tern::kernels::cuda
