#include "tern/core/readback.h"

#include "tern/core/error.h"
#include "tern/core/host_staging.h"
#include "tern/core/upload.h"

namespace tern {

std::vector<Tensor> to_host(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> on_host(tensors.size());
  std::vector<HostStaging::Read> reads;
  Device device;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    if (!tensor.defined() || tensor.device() == Device{}) {
      on_host[i] = tensor;
      continue;
    }
    require<DeviceError>(reads.empty() || tensor.device() == device, "to_host: tensors on {} and {}",
                         to_string(device), to_string(tensor.device()));
    device = tensor.device();
    on_host[i] = staging_tensor(tensor.shape(), tensor.dtype(), device);
    reads.push_back({on_host[i].raw(), tensor.raw(), tensor.nbytes()});
  }
  if (!reads.empty()) backend_of(device.type).staging()->read(reads, device.index);
  return on_host;
}

}  // namespace tern
