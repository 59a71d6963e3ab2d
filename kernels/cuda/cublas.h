// cuBLAS: its functions, checked calls, and its handle. For kernels/cuda/*.cpp, not for public headers.
//
// The library is loaded at the first product and not with the program: with its 600 MB of kernels it would
// cost every start of every program 200 MB of memory, also where there is no GPU.
#pragma once

#include <cublas_v2.h>

namespace tern::kernels::cuda {

/// The functions of cuBLAS that Tern calls.
struct Cublas {
  decltype(&cublasCreate) create;
  decltype(&cublasSetStream) set_stream;
  decltype(&cublasSetWorkspace) set_workspace;
  decltype(&cublasSetMathMode) set_math_mode;
  decltype(&cublasSgemm) sgemm;
  decltype(&cublasGetStatusString) status_string;
};

/// Throws DeviceError, saying where it was looked for, if the library cannot be loaded.
const Cublas& cublas();

/// Throws DeviceError with cuBLAS's description of the error, what was called and where.
void check_cublas(cublasStatus_t status, const char* what, const char* file, int line);

/// The handle of the current device, made at the first call. Its work goes to tern::cuda::stream(), in the
/// order of the program, like every kernel's.
cublasHandle_t cublas_handle();

}  // namespace tern::kernels::cuda

/// TERN_CUBLAS_CHECK(cublas().create(&handle)): throws DeviceError unless the call succeeds.
#define TERN_CUBLAS_CHECK(call) ::tern::kernels::cuda::check_cublas((call), #call, __FILE__, __LINE__)
