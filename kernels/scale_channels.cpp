#include "tern/kernels/scale_channels.h"

#include "tern/kernels/common/check_channels.h"
#include "tern/kernels/common/check_ternary.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias) {
  static constexpr Kernel<decltype(cpu::scale_channels)> kernel{"scale_channels", &cpu::scale_channels,
                                                                TERN_CUDA_KERNEL(cuda::scale_channels)};
  check_numbers("scale_channels", "x", x);
  const std::int64_t channels = check_rows_of_channels("scale_channels", "x", x);
  check_per_channel("scale_channels", "scale", scale, channels);
  if (bias.defined()) check_per_channel("scale_channels", "bias", bias, channels);
  Tensor y = Tensor::empty(x.shape(), DType::f32, x.device());
  kernel(x.device(), x, scale, bias, y);
  return y;
}

Tensor scale_channels_backward_scale(const Tensor& dy, const Tensor& x) {
  static constexpr const char* kName = "scale_channels_backward_scale";
  static constexpr Kernel<decltype(cpu::scale_channels_backward_scale)> kernel{
      kName, &cpu::scale_channels_backward_scale, TERN_CUDA_KERNEL(cuda::scale_channels_backward_scale)};
  check_numbers(kName, "x", x);
  const std::int64_t channels = check_rows_of_channels(kName, "x", x);
  check_f32(kName, "dy", dy, x.shape().rank());
  require<ShapeError>(dy.shape() == x.shape(), "{}: dy is {} but x is {}", kName, dy.shape(), x.shape());
  Tensor dscale = Tensor::empty({channels}, DType::f32, x.device());
  kernel(x.device(), dy, x, dscale);
  return dscale;
}

}  // namespace tern::kernels
