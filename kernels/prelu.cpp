#include "tern/kernels/prelu.h"

#include "tern/kernels/common/check_channels.h"
#include "tern/kernels/common/check_prelu_shifts.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor prelu(const Tensor& x, const Tensor& slope, const PreluShifts& shifts) {
  static constexpr Kernel<decltype(cpu::prelu)> kernel{"prelu", &cpu::prelu, TERN_CUDA_KERNEL(cuda::prelu)};
  check_per_channel("prelu", "slope", slope, check_channels_last("prelu", "x", x));
  check_shifts("prelu", shifts, x.dim(-1));
  Tensor y = Tensor::empty_like(x);
  kernel(x.device(), x, slope, shifts, y);
  return y;
}

PreluGradients prelu_backward(Tensor dy, const Tensor& x, const Tensor& slope, const Tensor& before) {
  static constexpr Kernel<decltype(cpu::prelu_backward)> kernel{"prelu_backward", &cpu::prelu_backward,
                                                                TERN_CUDA_KERNEL(cuda::prelu_backward)};
  check_per_channel("prelu_backward", "slope", slope, check_channels_last("prelu_backward", "x", x));
  check_same("prelu_backward", "dy", dy, "x", x);
  if (before.defined()) check_per_channel("prelu_backward", "before", before, x.dim(-1));
  PreluGradients gradients{dy.unique() ? dy : Tensor::empty_like(x), Tensor::empty_like(slope)};
  kernel(x.device(), dy, x, slope, before, gradients.dx, gradients.dslope);
  return gradients;
}

}  // namespace tern::kernels
