#include "tern/kernels/branch_step.h"

#include <array>
#include <type_traits>
#include <vector>

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

template <class Pair, class PointersOf, class Update>
void update_branches(const char* op, WeightGradientRule rule, std::vector<Pair>& pairs,
                     const PointersOf& pointers_of_pair, const Update& update) {
  using Pointers = std::invoke_result_t<PointersOf, Pair&>;
  const Kernel<decltype(cpu::for_each_latent_gradient<Pointers, Update>)> kernel{
      op, &cpu::for_each_latent_gradient<Pointers, Update>,
      TERN_CUDA_KERNEL((cuda::for_each_latent_gradient<Pointers, Update>))};
  if (pairs.empty()) return;
  const Device device = pairs.front().dt.device();
  const DeviceScope scope(device, op);
  std::vector<Pointers> pointers;
  for (Pair& pair : pairs) pointers.push_back(pointers_of_pair(pair));
  kernel(device, rule, pointers, update);
}

}  // namespace

void adam_branch_step(std::vector<AdamBranchPair>& pairs, WeightGradientRule rule, const AdamStep& step) {
  constexpr const char* kOp = "adam_branch_step";
  for (const AdamBranchPair& pair : pairs) {
    check_pair(kOp, pair);
    for (const Tensor* moment : {&pair.of_w1.m, &pair.of_w1.v, &pair.of_w2.m, &pair.of_w2.v}) {
      check_same(kOp, "a moment", *moment, "dt", pair.dt);
    }
  }
  const AdamBranchUpdate update{coefficients_of(kOp, step)};
  update_branches(
      kOp, rule, pairs, [](AdamBranchPair& pair) { return pointers_of(pair); }, update);
}

void sgd_branch_step(std::vector<SgdBranchPair>& pairs, WeightGradientRule rule, const SgdStep& step) {
  constexpr const char* kOp = "sgd_branch_step";
  const bool momentum = step.momentum != 0;
  for (const SgdBranchPair& pair : pairs) {
    check_pair(kOp, pair);
    if (momentum) {
      check_same(kOp, "buffer1", pair.buffer1, "dt", pair.dt);
      check_same(kOp, "buffer2", pair.buffer2, "dt", pair.dt);
    }
  }
  update_branches(
      kOp, rule, pairs, [=](SgdBranchPair& pair) { return pointers_of(pair, momentum); },
      SgdBranchUpdate{step});
}

}  // namespace tern::kernels
