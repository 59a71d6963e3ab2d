// The steps of kernels/branch_step.cpp, compiled for the CPU.
#include "tern/kernels/common/branch_update.h"
#include "tern/kernels/cpu/latent_gradient.h"

namespace tern::kernels::cpu {

template void for_each_latent_gradient(WeightGradientRule, const std::vector<AdamBranches>&,
                                       const AdamBranchUpdate&);
template void for_each_latent_gradient(WeightGradientRule, const std::vector<SgdBranches>&,
                                       const SgdBranchUpdate&);

}  // namespace tern::kernels::cpu
