#include "tern/kernels/three_branch_weights.h"

#include "tern/kernels/common/dispatch.h"
#include "tern/kernels/common/latent_weights.h"

namespace tern::kernels {

TernaryWeights three_branch_weights(ThreeBranches& w) {
  constexpr const char* kOp = "three_branch_weights";
  static constexpr Kernel<decltype(cpu::three_branch_weights)> kernel{
      kOp, &cpu::three_branch_weights, TERN_CUDA_KERNEL(cuda::three_branch_weights)};
  check_branches(kOp, w);
  TernaryWeights weights = empty_weights_of(w[0]);
  kernel(w[0].device(), w, weights.ternary, weights.scale);
  return weights;
}

ThreeBranches three_branch_weights_backward(const Tensor& dt, const ThreeBranches& w, const Tensor& scale,
                                            WeightGradientRule rule) {
  constexpr const char* kOp = "three_branch_weights_backward";
  static constexpr Kernel<decltype(cpu::three_branch_weights_backward)> kernel{
      kOp, &cpu::three_branch_weights_backward, TERN_CUDA_KERNEL(cuda::three_branch_weights_backward)};
  check_branch_gradient(kOp, dt, w, scale);
  ThreeBranches dw{Tensor::empty_like(dt), Tensor::empty_like(dt), Tensor::empty_like(dt)};
  kernel(dt.device(), dt, w, scale, rule, dw);
  return dw;
}

}  // namespace tern::kernels
