#include "tern/core/upload.h"

#include <utility>

namespace tern {

Tensor staging_tensor(const Shape& shape, DType dtype, Device device) {
  HostStaging* staging = backend_of(device.type).staging();
  if (staging == nullptr) return Tensor::empty(shape, dtype);
  const std::size_t bytes = static_cast<std::size_t>(shape.numel()) * size_of(dtype);
  const int index = device.index;
  const std::shared_ptr<void> storage(staging->allocate(bytes, index), [staging, bytes, index](void* p) {
    staging->deallocate(p, bytes, index);
  });
  return Tensor::over(storage, shape, dtype, Device{});
}

Upload::Upload(Tensor staged, Device device) : staged_(std::move(staged)) {
  HostStaging* staging = backend_of(device.type).staging();
  if (staging == nullptr) {
    on_device_ = std::move(staged_);
    return;
  }
  on_device_ = Tensor::empty(staged_.shape(), staged_.dtype(), device);
  copy_ = staging->start_copy(on_device_.raw(), staged_.raw(), staged_.nbytes(), device.index);
}

Tensor Upload::finish() {
  if (copy_ != nullptr) copy_->wait();
  return std::move(on_device_);
}

}  // namespace tern
