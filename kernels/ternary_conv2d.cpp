#include "tern/kernels/ternary_conv2d.h"

#include <limits>

#include "tern/kernels/cast.h"
#include "tern/kernels/common/check_ternary.h"
#include "tern/kernels/common/dispatch.h"
#include "tern/kernels/pack_ternary.h"

namespace tern::kernels {
namespace {

void check_arguments(const char* op, const Tensor& x, const Tensor& t, WeightLevels levels) {
  check_tensor(op, "x", x, DType::i8, 4);
  check_tensor(op, "t", t, DType::i8, 4);
  ternary_conv2d_dtype(t.shape(), levels);  // refuses sums that are not exact
}

Tensor checked_output(const char* op, const Tensor& x, const Tensor& t, const Conv2dParameters& p,
                      WeightLevels levels) {
  check_arguments(op, x, t, levels);
  return Tensor::empty(conv2d_output_shape(op, x.shape(), t.shape(), p),
                       ternary_conv2d_dtype(t.shape(), levels), x.device());
}

}  // namespace

DType ternary_conv2d_dtype(const Shape& t, WeightLevels levels) {
  require<ShapeError>(t.rank() == 4, "ternary_conv2d: t is {}, expected (O, KH, KW, I)", t);
  const std::int64_t products = largest_weight(levels) * t[1] * t[2] * t[3];
  // No layer comes near, but a silent loss must be impossible.
  require<ShapeError>(products <= (1 << 24), "ternary_conv2d: t is {}; sums beyond 2^24 are not exact in f32",
                      t);
  return products <= std::numeric_limits<std::int16_t>::max() ? DType::i16 : DType::i32;
}

Tensor ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& p, WeightLevels levels) {
  static constexpr Kernel<decltype(cpu::ternary_conv2d)> kernel{"ternary_conv2d", &cpu::ternary_conv2d,
                                                                TERN_CUDA_KERNEL(cuda::ternary_conv2d)};
  Tensor z = checked_output("ternary_conv2d", x, t, p, levels);
  kernel(x.device(), x, t, p, levels, z);
  return z;
}

IntegersWithSums ternary_conv2d_with_sums(const Tensor& x, const Tensor& t, const Conv2dParameters& p,
                                          WeightLevels levels) {
  static constexpr Kernel<decltype(cpu::ternary_conv2d_with_sums)> kernel{
      "ternary_conv2d_with_sums", &cpu::ternary_conv2d_with_sums,
      TERN_CUDA_KERNEL(cuda::ternary_conv2d_with_sums)};
  Tensor z = checked_output("ternary_conv2d_with_sums", x, t, p, levels);
  Tensor sums = Tensor::empty({2, z.dim(3)}, DType::i64, x.device());
  kernel(x.device(), x, t, p, levels, z, sums);
  return {z, sums};
}

Tensor scaled_ternary_conv2d(const Tensor& x, const Tensor& t, const Tensor& scale, const Tensor& bias,
                             const Conv2dParameters& p, WeightLevels levels) {
  static constexpr const char* kName = "scaled_ternary_conv2d";
  static constexpr Kernel<decltype(cpu::scaled_ternary_conv2d)> kernel{
      kName, &cpu::scaled_ternary_conv2d, TERN_CUDA_KERNEL(cuda::scaled_ternary_conv2d)};
  check_arguments(kName, x, t, levels);
  Tensor y = Tensor::empty(conv2d_output_shape(kName, x.shape(), t.shape(), p), DType::f32, x.device());
  check_per_channel(kName, "scale", scale, y.dim(3));
  if (bias.defined()) check_per_channel(kName, "bias", bias, y.dim(3));
  kernel(x.device(), x, t, scale, bias, p, levels, y);
  return y;
}

// Real numbers times ternary ones: the gradients are those of the float convolution.

Tensor ternary_conv2d_backward_data(const Tensor& dz, const Tensor& t, const Shape& x_shape,
                                    const Conv2dParameters& p) {
  check_tensor("ternary_conv2d_backward_data", "t", t, DType::i8, 4);
  check_conv2d_gradient("ternary_conv2d_backward_data", dz, x_shape, t.shape(), p);
  return conv2d_backward_data(dz, cast(t, dz.dtype()), x_shape, p);
}

Tensor ternary_conv2d_backward_weights(const Tensor& dz, const PackedTernary& x, const Shape& t_shape,
                                       const Conv2dParameters& p) {
  check_packed("ternary_conv2d_backward_weights", "x", x);
  check_conv2d_gradient("ternary_conv2d_backward_weights", dz, x.shape(), t_shape, p);
  return conv2d_backward_weights(dz, unpack_ternary(x, weight_gradient_factors(dz)), t_shape, p);
}

}  // namespace tern::kernels
