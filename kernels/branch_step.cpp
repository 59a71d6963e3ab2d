#include "tern/kernels/branch_step.h"

#include <array>

#include "tern/kernels/common/branch_update.h"
#include "tern/kernels/common/dispatch.h"
#include "tern/kernels/common/latent_weights.h"

namespace tern::kernels {
namespace {

void check_pair(const char* op, const BranchPair& pair) {
  const std::array w{pair.w1, pair.w2};
  check_branch_gradient(op, pair.dt, w, pair.scale);
  check_distinct(op, w);
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
