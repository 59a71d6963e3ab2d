// The steps of kernels/branch_step.cpp, compiled for GPUs. Bytes per pair of latent weights: 12 read for the
// sums, and again from the cache; Adam reads 16 and writes 24 more.
#include "tern/kernels/common/branch_update.h"
#include "tern/kernels/cuda/latent_gradient.cuh"

namespace tern::kernels::cuda {

template void for_each_latent_gradient(WeightGradientRule, const std::vector<AdamBranches>&,
                                       const AdamBranchUpdate&);
template void for_each_latent_gradient(WeightGradientRule, const std::vector<SgdBranches>&,
                                       const SgdBranchUpdate&);

}  // namespace tern::kernels::cuda
