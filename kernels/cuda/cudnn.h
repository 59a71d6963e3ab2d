// cuDNN: its functions, checked calls, and its handle. For kernels/cuda/*.cpp, not for public headers.
#pragma once

#include <cudnn.h>

namespace tern::kernels::cuda {

/// The functions of cuDNN that Tern calls. The library is loaded at the first convolution and not with the
/// program.
struct Cudnn {
  decltype(&cudnnGetVersion) get_version;
  decltype(&cudnnGetErrorString) get_error_string;
  decltype(&cudnnGetLastErrorString) get_last_error_string;
  decltype(&cudnnCreate) create;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnBackendCreateDescriptor) create_descriptor;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor;
  decltype(&cudnnBackendSetAttribute) set_attribute;
  decltype(&cudnnBackendGetAttribute) get_attribute;
  decltype(&cudnnBackendFinalize) finalize;
  decltype(&cudnnBackendExecute) execute;
};

/// Throws DeviceError if the library cannot be loaded.
const Cudnn& cudnn();

/// Throws DeviceError with cuDNN's name and description of the error, what was called and where.
void check_cudnn(cudnnStatus_t status, const char* what, const char* file, int line);

/// The handle of the current device, made at the first call. Its work goes to tern::cuda::stream(), in the
/// order of the program, like every kernel's.
cudnnHandle_t cudnn_handle();

}  // namespace tern::kernels::cuda

/// TERN_CUDNN_CHECK(cudnn().create(&handle)): throws DeviceError unless the call succeeds.
#define TERN_CUDNN_CHECK(call) ::tern::kernels::cuda::check_cudnn((call), #call, __FILE__, __LINE__)
