#include "tern/kernels/hardtanh.h"

#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor hardtanh(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::hardtanh)> kernel{"hardtanh", &cpu::hardtanh,
                                                          TERN_CUDA_KERNEL(cuda::hardtanh)};
  check_float("hardtanh", "x", x, x.shape().rank());
  Tensor y = Tensor::empty_like(x);
  kernel(x.device(), x, y);
  return y;
}

Tensor hardtanh_backward(Tensor dy, const Tensor& y) {
  static constexpr Kernel<decltype(cpu::hardtanh_backward)> kernel{
      "hardtanh_backward", &cpu::hardtanh_backward, TERN_CUDA_KERNEL(cuda::hardtanh_backward)};
  check_float("hardtanh_backward", "y", y, y.shape().rank());
  check_same("hardtanh_backward", "dy", dy, "y", y);
  Tensor dx = dy.unique() ? dy : Tensor::empty_like(y);
  kernel(y.device(), dy, y, dx);
  return dx;
}

}  // namespace tern::kernels
