#include "tern/core/device_graph.h"

#include "tern/core/error.h"
#ifdef TERN_WITH_CUDA
#include "tern/core/cuda/backend.h"
#endif

namespace tern {

std::unique_ptr<DeviceGraph> record_graph(Device device, const std::function<void()>& work) {
  require<DeviceError>(device.type == DeviceType::cuda, "graphs are recorded on GPUs alone");
  backend_of(device.type);  // throws where there is none
#ifdef TERN_WITH_CUDA
  return cuda::record_graph(device.index, work);
#else
  (void)work;
  return nullptr;
#endif
}

}  // namespace tern
