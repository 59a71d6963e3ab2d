#include "tern/kernels/max_pool2d.h"

#include "tern/kernels/common/check_max_pool2d.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

MaxPool2dResult max_pool2d(const Tensor& x, const PoolWindow& window) {
  static constexpr Kernel<decltype(cpu::max_pool2d)> kernel{"max_pool2d", &cpu::max_pool2d,
                                                            TERN_CUDA_KERNEL(cuda::max_pool2d)};
  check_window("max_pool2d", window);
  check_float("max_pool2d", "x", x, 4);
  const Shape pooled = pooled_shape("max_pool2d", x.shape(), window);
  MaxPool2dResult result{Tensor::empty(pooled, x.dtype(), x.device()),
                         Tensor::empty(pooled, DType::u8, x.device())};
  kernel(x.device(), x, window, result.y, result.argmax);
  return result;
}

Tensor max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const Shape& images,
                           const PoolWindow& window) {
  static constexpr Kernel<decltype(cpu::max_pool2d_backward)> kernel{
      "max_pool2d_backward", &cpu::max_pool2d_backward, TERN_CUDA_KERNEL(cuda::max_pool2d_backward)};
  check_pooled_gradient("max_pool2d_backward", dy, argmax,
                        pooled_shape("max_pool2d_backward", images, window));
  Tensor dx = Tensor::empty(images, dy.dtype(), dy.device());
  kernel(dy.device(), dy, argmax, window, dx);
  return dx;
}

}  // namespace tern::kernels
