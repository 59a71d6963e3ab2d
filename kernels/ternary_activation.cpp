#include "kernels/ternary_activation.h"

#include "kernels/check.h"
#include "kernels/dispatch.h"

namespace tern::kernels {

Tensor ternary_activation(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::ternary_activation)> kernel{
      "ternary_activation", &cpu::ternary_activation, TERN_CUDA_KERNEL_PENDING(cuda::ternary_activation)};
  check_f32("ternary_activation", "x", x, x.shape().rank());
  Tensor y = Tensor::empty_like(x);
  kernel(x.device(), x, y);
  return y;
}

Tensor ternary_activation_backward(const Tensor& dy, const Tensor& x) {
  static constexpr Kernel<decltype(cpu::ternary_activation_backward)> kernel{
      "ternary_activation_backward", &cpu::ternary_activation_backward,
      TERN_CUDA_KERNEL_PENDING(cuda::ternary_activation_backward)};
  check_same("ternary_activation_backward", "dy", dy, "x", x);
  Tensor dx = Tensor::empty_like(x);
  kernel(x.device(), dy, x, dx);
  return dx;
}

}  // namespace tern::kernels
