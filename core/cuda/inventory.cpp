#include "tern/core/cuda/inventory.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include <cstdlib>

#include "tern/core/cuda/architectures.h"

namespace tern::cuda {
namespace {

#ifdef TERN_EMULATED_CUDA
constexpr bool kEmulated = true;
#else
constexpr bool kEmulated = false;
#endif

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

DeviceInfo describe(int index) {
  DeviceInfo info;
  info.device = {DeviceType::cuda, index};
  info.emulated = kEmulated;
  cudaDeviceProp properties;
  const cudaError_t error = cudaGetDeviceProperties(&properties, index);
  if (error != cudaSuccess) {
    info.problem = fmt::format("{} does not answer: {}", to_string(info.device), cudaGetErrorString(error));
    return info;
  }
  info.name = properties.name;
  if (!runs_on(TERN_CUDA_ARCHITECTURES, properties.major, properties.minor)) {
    info.problem = fmt::format(
        "{} ({}) has compute capability {}.{}, and this build has code for sm_{} alone: configure with "
        "-DCMAKE_CUDA_ARCHITECTURES={}{}",
        to_string(info.device), info.name, properties.major, properties.minor, TERN_CUDA_ARCHITECTURES,
        properties.major, properties.minor);
  }
  return info;
}

Inventory take() {
  Inventory result;
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess || count == 0) {
    int driver = 0, runtime = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    result.missing = explain_missing(error == cudaSuccess ? cudaErrorNoDevice : error, driver, runtime,
                                     std::getenv("CUDA_VISIBLE_DEVICES"));
    return result;
  }
  for (int i = 0; i < count; ++i) result.devices.push_back(describe(i));
  return result;
}

}  // namespace

const Inventory& inventory() {
  static const Inventory once = take();
  return once;
}

std::string explain_missing(int error, int driver_version, int runtime_version, const char* visible) {
  if (error == cudaErrorNoDevice && visible != nullptr) {
    return fmt::format("CUDA_VISIBLE_DEVICES is \"{}\" and hides every GPU: unset it", visible);
  }
  if (error == cudaErrorNoDevice) {
    return "the NVIDIA driver finds no GPU in this machine (in a container: was it started with --gpus all?)";
  }
  if (error == cudaErrorInsufficientDriver && driver_version == 0) {
    return "this machine has no NVIDIA driver: install it; where nvidia-smi lists a GPU, Tern finds it";
  }
  if (error == cudaErrorInsufficientDriver) {
    return fmt::format(
        "the NVIDIA driver is too old: it serves CUDA up to {}, this build needs {}: update the driver",
        version_text(driver_version), version_text(runtime_version));
  }
  const auto code = static_cast<cudaError_t>(error);
  return fmt::format("CUDA does not start: {} ({})", cudaGetErrorString(code), cudaGetErrorName(code));
}

}  // namespace tern::cuda
