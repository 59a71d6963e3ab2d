#include "kernels/branch_step.h"
#include "kernels/branch_update.h"
// Bytes per pair of latent weights: 12 read for the sums, and again from the cache; Adam reads 16 and writes
// 24 more.
#include "kernels/cuda/latent_gradient.cuh"

namespace tern::kernels::cuda {

void adam_branch_step(BranchPair& pair, WeightGradientRule rule, AdamMoments& of_w1, AdamMoments& of_w2,
                      const AdamCoefficients& coefficients) {
  for_each_latent_gradient(rule, pair.dt, latent_weights(pair),
                           AdamBranchUpdate(pair, of_w1, of_w2, coefficients));
}

void sgd_branch_step(BranchPair& pair, WeightGradientRule rule, Tensor& buffer1, Tensor& buffer2,
                     const SgdStep& step) {
  for_each_latent_gradient(rule, pair.dt, latent_weights(pair),
                           SgdBranchUpdate(pair, buffer1, buffer2, step));
}

}  // namespace tern::kernels::cuda
