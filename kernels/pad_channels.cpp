#include "tern/kernels/pad_channels.h"

#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor pad_channels(const Tensor& x, std::int64_t channels) {
  static constexpr Kernel<decltype(cpu::pad_channels)> kernel{"pad_channels", &cpu::pad_channels,
                                                              TERN_CUDA_KERNEL(cuda::pad_channels)};
  check_float("pad_channels", "x", x, 4);
  require<ShapeError>(channels >= x.dim(3), "pad_channels: x is {}, which has more than {} channels",
                      x.shape(), channels);
  Tensor y = Tensor::empty({x.dim(0), x.dim(1), x.dim(2), channels}, x.dtype(), x.device());
  kernel(x.device(), x, y);
  return y;
}

Tensor pad_channels_backward(const Tensor& dy, std::int64_t channels) {
  static constexpr Kernel<decltype(cpu::pad_channels_backward)> kernel{
      "pad_channels_backward", &cpu::pad_channels_backward, TERN_CUDA_KERNEL(cuda::pad_channels_backward)};
  check_float("pad_channels_backward", "dy", dy, 4);
  require<ShapeError>(channels >= 0 && channels <= dy.dim(3),
                      "pad_channels_backward: dy is {}, which has no {} channels", dy.shape(), channels);
  Tensor dx = Tensor::empty({dy.dim(0), dy.dim(1), dy.dim(2), channels}, dy.dtype(), dy.device());
  kernel(dy.device(), dy, dx);
  return dx;
}

}  // namespace tern::kernels
