#include "tern/kernels/cuda/cudnn_descriptor.h"

#include "tern/kernels/cuda/cudnn.h"

namespace tern::kernels::cuda {

CudnnDescriptor::CudnnDescriptor(cudnnBackendDescriptorType_t type) {
  cudnnBackendDescriptor_t descriptor = nullptr;
  TERN_CUDNN_CHECK(cudnn().create_descriptor(type, &descriptor));
  descriptor_ = std::shared_ptr<void>(descriptor, cudnn().destroy_descriptor);
}

CudnnDescriptor& CudnnDescriptor::set(cudnnBackendAttributeName_t name,
                                      const std::vector<CudnnDescriptor>& parts) {
  std::vector<cudnnBackendDescriptor_t> raw_parts;
  for (const CudnnDescriptor& part : parts) raw_parts.push_back(part.raw());
  set_values(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<std::int64_t>(raw_parts.size()),
             raw_parts.data());
  parts_.insert(parts_.end(), parts.begin(), parts.end());
  return *this;
}

CudnnDescriptor& CudnnDescriptor::finalize() {
  TERN_CUDNN_CHECK(cudnn().finalize(raw()));
  return *this;
}

bool CudnnDescriptor::try_finalize() {
  return cudnn().finalize(raw()) == CUDNN_STATUS_SUCCESS;
}

std::vector<CudnnDescriptor> CudnnDescriptor::get_descriptors(cudnnBackendAttributeName_t name,
                                                              cudnnBackendDescriptorType_t type,
                                                              std::int64_t capacity) const {
  std::vector<CudnnDescriptor> result;
  std::vector<cudnnBackendDescriptor_t> raw_result;
  for (std::int64_t i = 0; i < capacity; ++i) raw_result.push_back(result.emplace_back(type).raw());
  const std::int64_t count = get_values(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, capacity, raw_result.data());
  result.resize(static_cast<std::size_t>(count), CudnnDescriptor(type));
  return result;
}

void CudnnDescriptor::set_values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                                 std::int64_t count, const void* values) {
  TERN_CUDNN_CHECK(cudnn().set_attribute(raw(), name, type, count, values));
}

std::int64_t CudnnDescriptor::get_values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                                         std::int64_t capacity, void* values) const {
  std::int64_t count = 0;
  TERN_CUDNN_CHECK(cudnn().get_attribute(raw(), name, type, capacity, &count, values));
  return count < capacity ? count : capacity;
}

}  // namespace tern::kernels::cuda
