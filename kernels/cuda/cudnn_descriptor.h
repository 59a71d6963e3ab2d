// A descriptor of cuDNN's graph API (cudnn_graph.h): made, given attributes, finalised, then read or used in
// another. Tensors, operations, graphs, engines and execution plans are all such descriptors.
#pragma once

#include <cudnn.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace tern::kernels::cuda {

/// The tag by which cuDNN knows the C++ type of an attribute's values.
template <class T>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf = CUDNN_TYPE_INT64;  // std::int64_t
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<float> = CUDNN_TYPE_FLOAT;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<bool> = CUDNN_TYPE_BOOLEAN;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<char> = CUDNN_TYPE_CHAR;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<void*> = CUDNN_TYPE_VOID_PTR;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<cudnnHandle_t> = CUDNN_TYPE_HANDLE;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<cudnnConvolutionMode_t> =
    CUDNN_TYPE_CONVOLUTION_MODE;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<cudnnBackendNumericalNote_t> =
    CUDNN_TYPE_NUMERICAL_NOTE;
template <>
inline constexpr cudnnBackendAttributeType_t kCudnnTypeOf<cudnnPointwiseMode_t> = CUDNN_TYPE_POINTWISE_MODE;

/// A handle: copies share the descriptor. Every function throws DeviceError if cuDNN refuses.
class CudnnDescriptor {
 public:
  explicit CudnnDescriptor(cudnnBackendDescriptorType_t type);

  template <class T>
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, const std::vector<T>& values) {
    set_values(name, kCudnnTypeOf<T>, static_cast<std::int64_t>(values.size()), values.data());
    return *this;
  }
  template <class T>
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, T value) {
    set_values(name, kCudnnTypeOf<T>, 1, &value);
    return *this;
  }
  /// The parts stay alive as long as this descriptor.
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, const std::vector<CudnnDescriptor>& parts);
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, const CudnnDescriptor& part) {
    return set(name, std::vector<CudnnDescriptor>{part});
  }

  CudnnDescriptor& finalize();
  /// False where cuDNN refuses: what the descriptor asks for is not supported on this device.
  bool try_finalize();

  /// Up to `capacity` values of the attribute.
  template <class T>
  std::vector<T> get(cudnnBackendAttributeName_t name, std::int64_t capacity) const {
    std::vector<T> values(static_cast<std::size_t>(capacity));
    values.resize(static_cast<std::size_t>(get_values(name, kCudnnTypeOf<T>, capacity, values.data())));
    return values;
  }
  /// Up to `capacity` descriptors of the attribute, all of the given type.
  std::vector<CudnnDescriptor> get_descriptors(cudnnBackendAttributeName_t name,
                                               cudnnBackendDescriptorType_t type,
                                               std::int64_t capacity) const;

  cudnnBackendDescriptor_t raw() const { return descriptor_.get(); }

 private:
  void set_values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
                  const void* values);
  std::int64_t get_values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                          std::int64_t capacity, void* values) const;

  std::shared_ptr<void> descriptor_;
  std::vector<CudnnDescriptor> parts_;
};

}  // namespace tern::kernels::cuda
