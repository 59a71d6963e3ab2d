#include "tern/kernels/avg_pool2d.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor avg_pool2d(const Tensor& x, const PoolWindow& window) {
  static constexpr Kernel<decltype(cpu::avg_pool2d)> kernel{"avg_pool2d", &cpu::avg_pool2d,
                                                            TERN_CUDA_KERNEL(cuda::avg_pool2d)};
  check_f32("avg_pool2d", "x", x, 4);
  Tensor y = Tensor::empty(pooled_shape("avg_pool2d", x.shape(), window), DType::f32, x.device());
  kernel(x.device(), x, window, y);
  return y;
}

Tensor avg_pool2d_backward(const Tensor& dy, const Shape& images, const PoolWindow& window) {
  static constexpr Kernel<decltype(cpu::avg_pool2d_backward)> kernel{
      "avg_pool2d_backward", &cpu::avg_pool2d_backward, TERN_CUDA_KERNEL(cuda::avg_pool2d_backward)};
  const Shape pooled = pooled_shape("avg_pool2d_backward", images, window);
  check_f32("avg_pool2d_backward", "dy", dy, 4);
  require<ShapeError>(dy.shape() == pooled, "avg_pool2d_backward: dy is {}, expected {}", dy.shape(), pooled);
  Tensor dx = Tensor::empty(images, DType::f32, dy.device());
  kernel(dy.device(), dy, window, dx);
  return dx;
}

}  // namespace tern::kernels
