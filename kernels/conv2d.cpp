#include "tern/kernels/conv2d.h"

#include "tern/kernels/cast.h"
#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Shape conv2d_output_shape(const char* op, const Shape& x, const Shape& w, const Conv2dParameters& p) {
  require<ShapeError>(x.rank() == 4, "{}: x is {}, expected (N, H, W, C)", op, x);
  require<ShapeError>(w.rank() == 4, "{}: w is {}, expected (O, KH, KW, I)", op, w);
  require<ShapeError>(w.numel() > 0, "{}: w is {}; a convolution needs channels and kernel taps", op, w);
  require<ShapeError>(x[3] == w[3], "{}: x is {} but w is {}; input channels differ", op, x, w);
  require<ShapeError>(p.stride >= 1 && p.padding >= 0, "{}: stride {} or padding {} is out of range", op,
                      p.stride, p.padding);
  const std::int64_t height = x[1] + 2 * p.padding - w[1];
  const std::int64_t width = x[2] + 2 * p.padding - w[2];
  require<ShapeError>(height >= 0 && width >= 0, "{}: the kernel of w {} is larger than x {} with padding {}",
                      op, w, x, p.padding);
  return {x[0], height / p.stride + 1, width / p.stride + 1, w[0]};
}

void check_conv2d_gradient(const char* op, const Tensor& dy, const Shape& x, const Shape& w,
                           const Conv2dParameters& p) {
  const Shape expected = conv2d_output_shape(op, x, w, p);
  check_float(op, "dy", dy, 4);
  require<ShapeError>(dy.shape() == expected, "{}: dy is {}, expected {}", op, dy.shape(), expected);
}

Tensor conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& p) {
  static constexpr Kernel<decltype(cpu::conv2d)> kernel{"conv2d", &cpu::conv2d,
                                                        TERN_CUDA_KERNEL(cuda::conv2d)};
  check_float("conv2d", "x", x, 4);
  check_tensor("conv2d", "w", w, x.dtype(), 4);
  if (bias.defined()) {
    check_per_channel("conv2d", "bias", bias, w.dim(0));
    require<ShapeError>(x.dtype() == DType::f32, "conv2d: x is {}; a bias is for f32 alone", x.dtype());
  }
  Tensor y = Tensor::empty(conv2d_output_shape("conv2d", x.shape(), w.shape(), p), x.dtype(), x.device());
  kernel(x.device(), x, w, bias, p, y);
  return y;
}

Tensor conv2d_backward_data(const Tensor& dy, const Tensor& w, const Shape& x_shape,
                            const Conv2dParameters& p) {
  static constexpr Kernel<decltype(cpu::conv2d_backward_data)> kernel{
      "conv2d_backward_data", &cpu::conv2d_backward_data, TERN_CUDA_KERNEL(cuda::conv2d_backward_data)};
  check_float("conv2d_backward_data", "w", w, 4);
  check_conv2d_gradient("conv2d_backward_data", dy, x_shape, w.shape(), p);
  check_tensor("conv2d_backward_data", "dy", dy, w.dtype(), 4);
  Tensor dx = Tensor::empty(x_shape, dy.dtype(), dy.device());
  kernel(dy.device(), dy, w, p, dx);
  return dx;
}

DType weight_gradient_factors(const Tensor& dy) {
  return dy.device().type == DeviceType::cpu ? cpu::weight_gradient_factors(dy.dtype()) : dy.dtype();
}

Tensor conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Shape& w_shape,
                               const Conv2dParameters& p) {
  static constexpr Kernel<decltype(cpu::conv2d_backward_weights)> kernel{
      "conv2d_backward_weights", &cpu::conv2d_backward_weights,
      TERN_CUDA_KERNEL(cuda::conv2d_backward_weights)};
  check_float("conv2d_backward_weights", "x", x, 4);
  check_conv2d_gradient("conv2d_backward_weights", dy, x.shape(), w_shape, p);
  const DType factors = weight_gradient_factors(dy);
  const bool on_cpu = dy.device().type == DeviceType::cpu;
  Tensor dw = Tensor::empty(w_shape, on_cpu ? DType::f32 : factors, dy.device());
  kernel(dy.device(), cast(dy, factors), cast(x, factors), p, dw);
  return cast(dw, DType::f32);
}

std::vector<std::string> conv2d_plans([[maybe_unused]] Device device) {
#ifdef TERN_WITH_CUDA
  if (device.type == DeviceType::cuda) return cuda::conv2d_plans(device.index);
#endif
  return {};
}

}  // namespace tern::kernels
