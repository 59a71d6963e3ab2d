#include "tern/kernels/binary_branch_weights.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

TernaryWeights binary_branch_weights(Tensor& w1, Tensor& w2) {
  static constexpr Kernel<decltype(cpu::binary_branch_weights)> kernel{
      "binary_branch_weights", &cpu::binary_branch_weights, TERN_CUDA_KERNEL(cuda::binary_branch_weights)};
  check_filters("binary_branch_weights", "w1", w1);
  check_same("binary_branch_weights", "w1", w1, "w2", w2);
  require<ShapeError>(!w1.shares_storage_with(w2), "binary_branch_weights: w1 and w2 are the same tensor");
  TernaryWeights weights{Tensor::empty(w1.shape(), DType::i8, w1.device()),
                         Tensor::empty({w1.dim(0)}, DType::f32, w1.device())};
  kernel(w1.device(), w1, w2, weights.ternary, weights.scale);
  return weights;
}

namespace {

void check_gradient_arguments(const char* op, const Tensor& dt, const Tensor& w1, const Tensor& w2,
                              const Tensor& scale) {
  check_filters(op, "dt", dt);
  check_same(op, "w1", w1, "dt", dt);
  check_same(op, "w2", w2, "dt", dt);
  check_per_channel(op, "scale", scale, dt.dim(0));
}

}  // namespace

BranchGradients binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2,
                                               const Tensor& scale, WeightGradientRule rule) {
  static constexpr Kernel<decltype(cpu::binary_branch_weights_backward)> kernel{
      "binary_branch_weights_backward", &cpu::binary_branch_weights_backward,
      TERN_CUDA_KERNEL(cuda::binary_branch_weights_backward)};
  check_gradient_arguments("binary_branch_weights_backward", dt, w1, w2, scale);
  BranchGradients gradients{Tensor::empty_like(w1), Tensor::empty_like(w2)};
  kernel(dt.device(), dt, w1, w2, scale, rule, gradients.dw1, gradients.dw2);
  return gradients;
}

Tensor binary_branch_gradient(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                              WeightGradientRule rule, int branch) {
  static constexpr Kernel<decltype(cpu::binary_branch_gradient)> kernel{
      "binary_branch_gradient", &cpu::binary_branch_gradient, TERN_CUDA_KERNEL(cuda::binary_branch_gradient)};
  check_gradient_arguments("binary_branch_gradient", dt, w1, w2, scale);
  Tensor dw = Tensor::empty_like(w1);
  kernel(dt.device(), dt, w1, w2, scale, rule, branch, dw);
  return dw;
}

}  // namespace tern::kernels
