// The steps of kernels/branch_step.cpp, compiled for the CPU.
#include "tern/kernels/common/branch_update.h"
#include "tern/kernels/cpu/latent_gradient.h"

namespace tern::kernels::cpu {

template void for_each_latent_gradient(WeightGradientRule, const Tensor&, const LatentWeights&,
                                       const AdamBranchUpdate&);
template void for_each_latent_gradient(WeightGradientRule, const Tensor&, const LatentWeights&,
                                       const SgdBranchUpdate&);

}  // namespace tern::kernels::cpu
