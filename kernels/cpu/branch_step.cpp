#include "kernels/branch_step.h"

#include "kernels/branch_update.h"
#include "kernels/cpu/latent_gradient.h"

namespace tern::kernels::cpu {

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

}  // namespace tern::kernels::cpu
