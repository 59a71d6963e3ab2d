#include "tern/kernels/full.h"

#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor full(const Shape& shape, float value, Device device) {
  static constexpr Kernel<decltype(cpu::full)> kernel{"full", &cpu::full, TERN_CUDA_KERNEL(cuda::full)};
  Tensor y = Tensor::empty(shape, DType::f32, device);
  kernel(device, y, value);
  return y;
}

}  // namespace tern::kernels
