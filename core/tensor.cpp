#include "tern/core/tensor.h"

#include <algorithm>
#include <utility>

#include "tern/core/device_scope.h"
#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) {
  DeviceBackend* backend = &backend_of(device.type);
  const std::size_t bytes = static_cast<std::size_t>(shape.numel()) * size_of(dtype);
  const int index = device.index;
  std::shared_ptr<void> storage(backend->allocate(bytes, index),
                                [backend, bytes, index](void* p) { backend->deallocate(p, bytes, index); });
  return over(std::move(storage), shape, dtype, device);
}

Tensor Tensor::over(std::shared_ptr<void> storage, const Shape& shape, DType dtype, Device device) {
  Tensor tensor;
  tensor.storage_ = std::move(storage);
  tensor.shape_ = shape;
  tensor.dtype_ = dtype;
  tensor.device_ = device;
  return tensor;
}

Tensor Tensor::zeros(const Shape& shape, DType dtype, Device device) {
  Tensor tensor = empty(shape, dtype, device);
  tensor.fill_zero();
  return tensor;
}

Tensor Tensor::full(const Shape& shape, float value) {
  Tensor tensor = empty(shape);
  std::fill_n(static_cast<float*>(tensor.raw()), tensor.numel(), value);
  return tensor;
}

Tensor Tensor::empty_like(const Tensor& other) {
  return empty(other.shape_, other.dtype_, other.device_);
}

template <class T>
Tensor Tensor::from(const Shape& shape, const std::vector<T>& values) {
  require<ShapeError>(static_cast<std::size_t>(shape.numel()) == values.size(),
                      "Tensor::from: {} values for shape {}", values.size(), shape);
  Tensor tensor = empty(shape, dtype_of<T>::value);
  std::copy(values.begin(), values.end(), static_cast<T*>(tensor.raw()));
  return tensor;
}

void Tensor::check_dtype(DType wanted) const {
  require<ShapeError>(defined(), "Tensor: the tensor is undefined");
  require<ShapeError>(wanted == dtype_, "Tensor: elements are {}, not {}", dtype_, wanted);
}

template <class T>
const T* Tensor::data() const {
  check_dtype(dtype_of<T>::value);
  DeviceScope::check(device_);
  return static_cast<const T*>(storage_.get());
}

template <class T>
T* Tensor::data() {
  check_dtype(dtype_of<T>::value);
  DeviceScope::check(device_);
  return static_cast<T*>(storage_.get());
}

const void* Tensor::raw() const {
  require<ShapeError>(defined(), "Tensor: the tensor is undefined");
  return storage_.get();
}

void* Tensor::raw() {
  require<ShapeError>(defined(), "Tensor: the tensor is undefined");
  return storage_.get();
}

Tensor Tensor::reshape(const Shape& shape) const {
  require<ShapeError>(defined(), "reshape: the tensor is undefined");
  require<ShapeError>(shape.numel() == numel(), "reshape: {} has {} elements, {} has {}", shape_, numel(),
                      shape, shape.numel());
  Tensor view = *this;
  view.shape_ = shape;
  return view;
}

Tensor Tensor::clone() const {
  require<ShapeError>(defined(), "clone: the tensor is undefined");
  Tensor copy = empty_like(*this);
  copy.copy_from(*this);
  return copy;
}

Tensor Tensor::to(Device device) const {
  if (device == device_) return *this;
  Tensor copy = empty(shape_, dtype_, device);
  copy.copy_from(*this);
  return copy;
}

void Tensor::copy_from(const Tensor& source) {
  require<ShapeError>(defined() && source.defined(), "copy_from: a tensor is undefined");
  require<ShapeError>(shape_ == source.shape_ && dtype_ == source.dtype_, "copy_from: {} {} from {} {}",
                      dtype_, shape_, source.dtype_, source.shape_);
  const std::size_t bytes = nbytes();
  if (source.device_.type == DeviceType::cpu) {
    backend_of(device_.type).copy_from_host(raw(), source.raw(), bytes, device_.index);
  } else if (device_.type == DeviceType::cpu) {
    backend_of(source.device_.type).copy_to_host(raw(), source.raw(), bytes, source.device_.index);
  } else {
    require<DeviceError>(device_ == source.device_, "copy_from: {} to {} directly is not supported",
                         source.device_, device_);
    backend_of(device_.type).copy_within(raw(), source.raw(), bytes, device_.index);
  }
}

void Tensor::fill_zero() {
  backend_of(device_.type).fill_zero(raw(), nbytes(), device_.index);
}

float Tensor::item() const {
  require<ShapeError>(defined() && numel() == 1, "item: the tensor has {} elements, not one",
                      defined() ? numel() : 0);
  return to_vector<float>().front();
}

template <class T>
std::vector<T> Tensor::to_vector() const {
  check_dtype(dtype_of<T>::value);
  const Tensor host = to(Device{});
  const T* values = static_cast<const T*>(host.raw());
  return std::vector<T>(values, values + numel());
}

#define TERN_INSTANTIATE(T)                                             \
  template Tensor Tensor::from<T>(const Shape&, const std::vector<T>&); \
  template const T* Tensor::data<T>() const;                            \
  template T* Tensor::data<T>();                                        \
  template std::vector<T> Tensor::to_vector<T>() const;
TERN_INSTANTIATE(float)
TERN_INSTANTIATE(bfloat16)
TERN_INSTANTIATE(std::int8_t)
TERN_INSTANTIATE(std::uint8_t)
TERN_INSTANTIATE(std::int16_t)
TERN_INSTANTIATE(std::int32_t)
TERN_INSTANTIATE(std::int64_t)
#undef TERN_INSTANTIATE

}  // namespace tern
