#include "tern/kernels/three_branch_weights.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

TernaryWeights three_branch_weights(ThreeBranches& w) {
  constexpr const char* kOp = "three_branch_weights";
  static constexpr Kernel<decltype(cpu::three_branch_weights)> kernel{
      kOp, &cpu::three_branch_weights, TERN_CUDA_KERNEL(cuda::three_branch_weights)};
  auto& [w1, w2, w3] = w;
  check_filters(kOp, "w1", w1);
  check_same(kOp, "w1", w1, "w2", w2);
  check_same(kOp, "w1", w1, "w3", w3);
  require<ShapeError>(
      !w1.shares_storage_with(w2) && !w1.shares_storage_with(w3) && !w2.shares_storage_with(w3),
      "{}: two of w1, w2 and w3 are the same tensor", kOp);
  TernaryWeights weights{Tensor::empty(w1.shape(), DType::i8, w1.device()),
                         Tensor::empty({w1.dim(0)}, DType::f32, w1.device())};
  kernel(w1.device(), w, weights.ternary, weights.scale);
  return weights;
}

ThreeBranches three_branch_weights_backward(const Tensor& dt, const ThreeBranches& w, const Tensor& scale,
                                            WeightGradientRule rule) {
  constexpr const char* kOp = "three_branch_weights_backward";
  static constexpr Kernel<decltype(cpu::three_branch_weights_backward)> kernel{
      kOp, &cpu::three_branch_weights_backward, TERN_CUDA_KERNEL(cuda::three_branch_weights_backward)};
  check_filters(kOp, "dt", dt);
  check_same(kOp, "w1", w[0], "dt", dt);
  check_same(kOp, "w2", w[1], "dt", dt);
  check_same(kOp, "w3", w[2], "dt", dt);
  check_per_channel(kOp, "scale", scale, dt.dim(0));
  ThreeBranches dw{Tensor::empty_like(dt), Tensor::empty_like(dt), Tensor::empty_like(dt)};
  kernel(dt.device(), dt, w, scale, rule, dw);
  return dw;
}

}  // namespace tern::kernels
