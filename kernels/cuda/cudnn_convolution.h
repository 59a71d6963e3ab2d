// Convolutions as operations of cuDNN's graphs.
#pragma once

#include <cstdint>

#include "tern/core/dtype.h"
#include "tern/core/shape.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/cuda/cudnn_descriptor.h"

namespace tern::kernels::cuda {

enum class ConvolutionPass : std::uint8_t { forward, backward_data, backward_weights };

/// A virtual tensor only leads from one operation of a graph to the next.
enum class CudnnStorage : bool { memory, virtual_tensor };

/// Images NHWC or weights OHWI, 16-byte aligned. The id is the tensor's name in its graph, and for
/// CudnnPlan::execute its place.
CudnnDescriptor cudnn_tensor(std::int64_t id, const Shape& shape, DType dtype,
                             CudnnStorage storage = CudnnStorage::memory);

/// y = conv2d(x, w), whichever of the three the pass computes from the other two, all by cudnn_tensor.
/// Products are added up in `sums`: f32, or i32 for i8.
CudnnDescriptor cudnn_convolution(ConvolutionPass pass, const CudnnDescriptor& x, const CudnnDescriptor& w,
                                  const CudnnDescriptor& y, const Conv2dParameters& p, DType sums);

}  // namespace tern::kernels::cuda
