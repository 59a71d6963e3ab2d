#include "tern/kernels/linear.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias) {
  static constexpr Kernel<decltype(cpu::linear)> kernel{"linear", &cpu::linear,
                                                        TERN_CUDA_KERNEL(cuda::linear)};
  check_f32("linear", "x", x, 2);
  check_f32("linear", "w", w, 2);
  require<ShapeError>(x.dim(1) == w.dim(1), "linear: x is {} but w is {}; input sizes differ", x.shape(),
                      w.shape());
  if (bias.defined()) check_per_channel("linear", "bias", bias, w.dim(0));
  Tensor y = Tensor::empty({x.dim(0), w.dim(0)}, DType::f32, x.device());
  kernel(x.device(), x, w, bias, y);
  return y;
}

Tensor linear_backward_data(const Tensor& dy, const Tensor& w) {
  static constexpr Kernel<decltype(cpu::linear_backward_data)> kernel{
      "linear_backward_data", &cpu::linear_backward_data, TERN_CUDA_KERNEL(cuda::linear_backward_data)};
  check_f32("linear_backward_data", "dy", dy, 2);
  check_f32("linear_backward_data", "w", w, 2);
  require<ShapeError>(dy.dim(1) == w.dim(0),
                      "linear_backward_data: dy is {} but w is {}; output sizes differ", dy.shape(),
                      w.shape());
  Tensor dx = Tensor::empty({dy.dim(0), w.dim(1)}, DType::f32, dy.device());
  kernel(dy.device(), dy, w, dx);
  return dx;
}

Tensor linear_backward_weight(const Tensor& dy, const Tensor& x) {
  static constexpr Kernel<decltype(cpu::linear_backward_weight)> kernel{
      "linear_backward_weight", &cpu::linear_backward_weight, TERN_CUDA_KERNEL(cuda::linear_backward_weight)};
  check_f32("linear_backward_weight", "dy", dy, 2);
  check_f32("linear_backward_weight", "x", x, 2);
  require<ShapeError>(dy.dim(0) == x.dim(0),
                      "linear_backward_weight: dy is {} but x is {}; batch sizes differ", dy.shape(),
                      x.shape());
  Tensor dw = Tensor::empty({dy.dim(1), x.dim(1)}, DType::f32, dy.device());
  kernel(dy.device(), dy, x, dw);
  return dw;
}

}  // namespace tern::kernels
