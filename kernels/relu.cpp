#include "tern/kernels/relu.h"

#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor relu(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::relu)> kernel{"relu", &cpu::relu, TERN_CUDA_KERNEL(cuda::relu)};
  check_float("relu", "x", x, x.shape().rank());
  Tensor y = Tensor::empty_like(x);
  kernel(x.device(), x, y);
  return y;
}

Tensor relu_backward(Tensor dy, const Tensor& y) {
  static constexpr Kernel<decltype(cpu::relu_backward)> kernel{"relu_backward", &cpu::relu_backward,
                                                               TERN_CUDA_KERNEL(cuda::relu_backward)};
  check_float("relu_backward", "y", y, y.shape().rank());
  check_same("relu_backward", "dy", dy, "y", y);
  Tensor dx = dy.unique() ? dy : Tensor::empty_like(y);
  kernel(y.device(), dy, y, dx);
  return dx;
}

}  // namespace tern::kernels
