#include "tern/kernels/branch_step.h"

#include "tern/kernels/common/branch_update.h"
#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {
namespace {

void check_pair(const char* op, const BranchPair& pair) {
  check_filters(op, "dt", pair.dt);
  check_same(op, "w1", pair.w1, "dt", pair.dt);
  check_same(op, "w2", pair.w2, "dt", pair.dt);
  require<ShapeError>(!pair.w1.shares_storage_with(pair.w2), "{}: w1 and w2 are the same tensor", op);
  check_per_channel(op, "scale", pair.scale, pair.dt.dim(0));
}

template <class Update>
void update_branches(const char* op, const BranchPair& pair, WeightGradientRule rule, const Update& update) {
  const Kernel<decltype(cpu::for_each_latent_gradient<Update>)> update_kernel{
      op, &cpu::for_each_latent_gradient<Update>, TERN_CUDA_KERNEL(cuda::for_each_latent_gradient<Update>)};
  update_kernel(pair.dt.device(), rule, pair.dt, latent_weights(pair), update);
}

}  // namespace

void adam_branch_step(BranchPair& pair, WeightGradientRule rule, AdamMoments& of_w1, AdamMoments& of_w2,
                      const AdamStep& step) {
  constexpr const char* kOp = "adam_branch_step";
  check_pair(kOp, pair);
  for (const Tensor* moment : {&of_w1.m, &of_w1.v, &of_w2.m, &of_w2.v}) {
    check_same(kOp, "a moment", *moment, "dt", pair.dt);
  }
  const DeviceScope scope(pair.dt.device(), kOp);
  update_branches(kOp, pair, rule, AdamBranchUpdate(pair, of_w1, of_w2, coefficients_of(kOp, step)));
}

void sgd_branch_step(BranchPair& pair, WeightGradientRule rule, Tensor& buffer1, Tensor& buffer2,
                     const SgdStep& step) {
  constexpr const char* kOp = "sgd_branch_step";
  check_pair(kOp, pair);
  if (step.momentum != 0) {
    check_same(kOp, "buffer1", buffer1, "dt", pair.dt);
    check_same(kOp, "buffer2", buffer2, "dt", pair.dt);
  }
  const DeviceScope scope(pair.dt.device(), kOp);
  update_branches(kOp, pair, rule, SgdBranchUpdate(pair, buffer1, buffer2, step));
}

}  // namespace tern::kernels
