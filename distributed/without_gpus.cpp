// Groups of GPUs in a program that was built without CUDA, where there is no device to call this with.
#include "tern/core/error.h"
#include "tern/distributed/gpu_group.h"

namespace tern {

std::unique_ptr<GpuGroup> connect_gpus(ProcessGroup&, Device device, const GpuGroupOptions&) {
  throw DeviceError(fmt::format("{}: this program was built without CUDA", to_string(device)));
}

}  // namespace tern
