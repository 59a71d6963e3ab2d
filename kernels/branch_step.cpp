#include "kernels/branch_step.h"

#include "kernels/check.h"
#include "kernels/dispatch.h"

namespace tern::kernels {
namespace {

void check_pair(const char* op, const BranchPair& pair) {
  check_f32(op, "dt", pair.dt, 4);
  check_same(op, "w1", pair.w1, "dt", pair.dt);
  check_same(op, "w2", pair.w2, "dt", pair.dt);
  require<ShapeError>(!pair.w1.shares_storage_with(pair.w2), "{}: w1 and w2 are the same tensor", op);
  check_per_channel(op, "scale", pair.scale, pair.dt.dim(0));
}

}  // namespace

void adam_branch_step(BranchPair& pair, WeightGradientRule rule, AdamMoments& of_w1, AdamMoments& of_w2,
                      const AdamStep& step) {
  static constexpr Kernel<decltype(cpu::adam_branch_step)> kernel{"adam_branch_step", &cpu::adam_branch_step,
                                                                  TERN_CUDA_KERNEL(cuda::adam_branch_step)};
  check_pair("adam_branch_step", pair);
  for (const Tensor* moment : {&of_w1.m, &of_w1.v, &of_w2.m, &of_w2.v}) {
    check_same("adam_branch_step", "a moment", *moment, "dt", pair.dt);
  }
  kernel(pair.dt.device(), pair, rule, of_w1, of_w2, coefficients_of("adam_branch_step", step));
}

void sgd_branch_step(BranchPair& pair, WeightGradientRule rule, Tensor& buffer1, Tensor& buffer2,
                     const SgdStep& step) {
  static constexpr Kernel<decltype(cpu::sgd_branch_step)> kernel{"sgd_branch_step", &cpu::sgd_branch_step,
                                                                 TERN_CUDA_KERNEL(cuda::sgd_branch_step)};
  check_pair("sgd_branch_step", pair);
  if (step.momentum != 0) {
    check_same("sgd_branch_step", "buffer1", buffer1, "dt", pair.dt);
    check_same("sgd_branch_step", "buffer2", buffer2, "dt", pair.dt);
  }
  kernel(pair.dt.device(), pair, rule, buffer1, buffer2, step);
}

}  // namespace tern::kernels
