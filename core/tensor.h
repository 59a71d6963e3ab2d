// Tensor: a value handle on shared, row-major contiguous storage.
//
// Copying a Tensor copies the handle: both see the same elements. `clone()` copies the elements. The only
// view is `reshape`. Images are NHWC and convolution weights OHWI throughout; PyTorch's NCHW and OIHW
// exist only at import and export.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tern/core/device.h"
#include "tern/core/dtype.h"
#include "tern/core/shape.h"

namespace tern {

class Tensor {
 public:
  /// An undefined tensor: no storage, `defined()` is false.
  Tensor() = default;

  /// Uninitialised elements.
  static Tensor empty(const Shape& shape, DType dtype = DType::f32, Device device = {});
  static Tensor zeros(const Shape& shape, DType dtype = DType::f32, Device device = {});
  /// f32 elements, all equal to `value`, on the CPU.
  static Tensor full(const Shape& shape, float value);
  /// A copy of `values` on the CPU. Throws ShapeError if their number does not fit the shape.
  template <class T>
  static Tensor from(const Shape& shape, const std::vector<T>& values);
  /// Over storage that something else has allocated, large enough for the elements and on `device`.
  static Tensor over(std::shared_ptr<void> storage, const Shape& shape, DType dtype, Device device);
  /// Uninitialised, with shape, dtype and device of `other`.
  static Tensor empty_like(const Tensor& other);

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  std::int64_t dim(int i) const { return shape_[i]; }
  std::int64_t numel() const { return shape_.numel(); }
  DType dtype() const { return dtype_; }
  Device device() const { return device_; }
  std::size_t nbytes() const { return static_cast<std::size_t>(numel()) * size_of(dtype_); }

  /// The elements. Throws ShapeError if T is not the dtype or the tensor is undefined, and DeviceError unless
  /// this runs on the tensor's device: on the host for those of the CPU, in an operation's scope
  /// (device_scope.h) else.
  template <class T>
  const T* data() const;
  template <class T>
  T* data();
  /// The same address unchecked.
  const void* raw() const;
  void* raw();

  /// The same storage under another shape with as many elements.
  Tensor reshape(const Shape& shape) const;
  /// A copy with storage of its own.
  Tensor clone() const;
  /// This tensor if it is on `device` already, else a copy there.
  Tensor to(Device device) const;
  /// Overwrites the elements with those of `source` (same shape and dtype, any device).
  void copy_from(const Tensor& source);
  void fill_zero();
  /// The single element of a tensor with one f32 element, wherever it is.
  float item() const;
  /// The elements as a vector on the host. Throws ShapeError if T is not the dtype.
  template <class T>
  std::vector<T> to_vector() const;

  /// True if no other handle shares the storage, so that it may be overwritten unnoticed.
  bool unique() const { return storage_.use_count() == 1; }
  bool shares_storage_with(const Tensor& other) const { return storage_ && storage_ == other.storage_; }

 private:
  void check_dtype(DType wanted) const;

  std::shared_ptr<void> storage_;
  Shape shape_;
  DType dtype_ = DType::f32;
  Device device_;
};

}  // namespace tern
