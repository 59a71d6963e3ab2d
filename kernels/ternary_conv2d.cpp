#include "kernels/ternary_conv2d.h"

#include "kernels/check.h"
#include "kernels/dispatch.h"

namespace tern::kernels {
namespace {

// Integers are exact in f32 up to 2^24; no layer comes near, but a silent loss must be impossible.
void check_exact(const char* op, const Shape& t) {
  require<ShapeError>(t.rank() == 4 && t[1] * t[2] * t[3] <= (1 << 24),
                      "{}: t is {}; sums of more than 2^24 products are not exact in f32", op, t);
}

}  // namespace

Tensor ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& p) {
  static constexpr Kernel<decltype(cpu::ternary_conv2d)> kernel{"ternary_conv2d", &cpu::ternary_conv2d,
                                                                TERN_CUDA_KERNEL_PENDING(cuda::ternary_conv2d)};
  check_f32("ternary_conv2d", "x", x, 4);
  check_f32("ternary_conv2d", "t", t, 4);
  check_exact("ternary_conv2d", t.shape());
  Tensor z =
      Tensor::empty(conv2d_output_shape("ternary_conv2d", x.shape(), t.shape(), p), DType::f32, x.device());
  kernel(x.device(), x, t, p, z);
  return z;
}

Tensor ternary_conv2d_backward_data(const Tensor& dz, const Tensor& t, const Shape& x_shape,
                                    const Conv2dParameters& p) {
  static constexpr Kernel<decltype(cpu::ternary_conv2d_backward_data)> kernel{
      "ternary_conv2d_backward_data", &cpu::ternary_conv2d_backward_data,
      TERN_CUDA_KERNEL_PENDING(cuda::ternary_conv2d_backward_data)};
  check_f32("ternary_conv2d_backward_data", "t", t, 4);
  check_conv2d_gradient("ternary_conv2d_backward_data", dz, x_shape, t.shape(), p);
  Tensor dx = Tensor::empty(x_shape, DType::f32, dz.device());
  kernel(dz.device(), dz, t, p, dx);
  return dx;
}

Tensor ternary_conv2d_backward_weights(const Tensor& dz, const Tensor& x, const Shape& t_shape,
                                       const Conv2dParameters& p) {
  static constexpr Kernel<decltype(cpu::ternary_conv2d_backward_weights)> kernel{
      "ternary_conv2d_backward_weights", &cpu::ternary_conv2d_backward_weights,
      TERN_CUDA_KERNEL_PENDING(cuda::ternary_conv2d_backward_weights)};
  check_f32("ternary_conv2d_backward_weights", "x", x, 4);
  check_conv2d_gradient("ternary_conv2d_backward_weights", dz, x.shape(), t_shape, p);
  Tensor dt = Tensor::empty(t_shape, DType::f32, dz.device());
  kernel(dz.device(), dz, x, p, dt);
  return dt;
}

}  // namespace tern::kernels
