#include "tern/kernels/ternary_activation.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {
namespace {

std::int64_t mask_words(const Tensor& x) {
  return (x.numel() + 63) / 64;
}

TernaryActivationResult activation(const Kernel<decltype(cpu::ternary_activation)>& kernel, const Tensor& x) {
  check_f32(kernel.name, "x", x, x.shape().rank());
  TernaryActivationResult result{Tensor::empty(x.shape(), DType::i8, x.device()),
                                 Tensor::empty({mask_words(x)}, DType::i64, x.device())};
  kernel(x.device(), x, result.y, result.mask);
  return result;
}

}  // namespace

TernaryActivationResult ternary_activation(const Tensor& x) {
  return activation(
      {"ternary_activation", &cpu::ternary_activation, TERN_CUDA_KERNEL(cuda::ternary_activation)}, x);
}

TernaryActivationResult binary_activation(const Tensor& x) {
  return activation({"binary_activation", &cpu::binary_activation, TERN_CUDA_KERNEL(cuda::binary_activation)},
                    x);
}

Tensor ternary_activation_backward(const Tensor& dy, const Tensor& mask) {
  static constexpr Kernel<decltype(cpu::ternary_activation_backward)> kernel{
      "ternary_activation_backward", &cpu::ternary_activation_backward,
      TERN_CUDA_KERNEL(cuda::ternary_activation_backward)};
  check_f32("ternary_activation_backward", "dy", dy, dy.shape().rank());
  check_tensor("ternary_activation_backward", "mask", mask, DType::i64, 1);
  require<ShapeError>(mask.dim(0) == mask_words(dy),
                      "ternary_activation_backward: dy is {} but the mask has {} words, expected {}",
                      dy.shape(), mask.dim(0), mask_words(dy));
  Tensor dx = Tensor::empty_like(dy);
  kernel(dy.device(), dy, mask, dx);
  return dx;
}

}  // namespace tern::kernels
