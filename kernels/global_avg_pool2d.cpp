#include "tern/kernels/global_avg_pool2d.h"

#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {
namespace {

Shape global_pooled_shape(const char* op, const Shape& images) {
  require<ShapeError>(images.rank() == 4 && images[1] >= 1 && images[2] >= 1,
                      "{}: x is {}, expected (N, H, W, C) with at least one pixel", op, images);
  return {images[0], images[3]};
}

}  // namespace

Tensor global_avg_pool2d(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::global_avg_pool2d)> kernel{
      "global_avg_pool2d", &cpu::global_avg_pool2d, TERN_CUDA_KERNEL(cuda::global_avg_pool2d)};
  check_float("global_avg_pool2d", "x", x, 4);
  Tensor y = Tensor::empty(global_pooled_shape("global_avg_pool2d", x.shape()), DType::f32, x.device());
  kernel(x.device(), x, y);
  return y;
}

Tensor global_avg_pool2d_backward(const Tensor& dy, const Shape& images, DType dtype) {
  static constexpr Kernel<decltype(cpu::global_avg_pool2d_backward)> kernel{
      "global_avg_pool2d_backward", &cpu::global_avg_pool2d_backward,
      TERN_CUDA_KERNEL(cuda::global_avg_pool2d_backward)};
  const Shape pooled = global_pooled_shape("global_avg_pool2d_backward", images);
  check_f32("global_avg_pool2d_backward", "dy", dy, 2);
  require<ShapeError>(dy.shape() == pooled, "global_avg_pool2d_backward: dy is {}, expected {}", dy.shape(),
                      pooled);
  Tensor dx = Tensor::empty(images, dtype, dy.device());
  kernel(dy.device(), dy, dx);
  return dx;
}

}  // namespace tern::kernels
