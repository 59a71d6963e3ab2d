#include "tern/kernels/binary_branch_weights.h"

#include <array>

#include "tern/kernels/common/dispatch.h"
#include "tern/kernels/common/latent_weights.h"

namespace tern::kernels {

TernaryWeights binary_branch_weights(Tensor& w1, Tensor& w2) {
  static constexpr Kernel<decltype(cpu::binary_branch_weights)> kernel{
      "binary_branch_weights", &cpu::binary_branch_weights, TERN_CUDA_KERNEL(cuda::binary_branch_weights)};
  check_branches("binary_branch_weights", std::array{w1, w2});
  TernaryWeights weights = empty_weights_of(w1);
  kernel(w1.device(), w1, w2, weights.ternary, weights.scale);
  return weights;
}

BranchGradients binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2,
                                               const Tensor& scale, WeightGradientRule rule) {
  static constexpr Kernel<decltype(cpu::binary_branch_weights_backward)> kernel{
      "binary_branch_weights_backward", &cpu::binary_branch_weights_backward,
      TERN_CUDA_KERNEL(cuda::binary_branch_weights_backward)};
  check_branch_gradient("binary_branch_weights_backward", dt, std::array{w1, w2}, scale);
  BranchGradients gradients{Tensor::empty_like(w1), Tensor::empty_like(w2)};
  kernel(dt.device(), dt, w1, w2, scale, rule, gradients.dw1, gradients.dw2);
  return gradients;
}

Tensor binary_branch_gradient(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                              WeightGradientRule rule, int branch) {
  static constexpr Kernel<decltype(cpu::binary_branch_gradient)> kernel{
      "binary_branch_gradient", &cpu::binary_branch_gradient, TERN_CUDA_KERNEL(cuda::binary_branch_gradient)};
  check_branch_gradient("binary_branch_gradient", dt, std::array{w1, w2}, scale);
  Tensor dw = Tensor::empty_like(w1);
  kernel(dt.device(), dt, w1, w2, scale, rule, branch, dw);
  return dw;
}

}  // namespace tern::kernels
