// One step of an optimiser on the latent weights of pairs of binary branches, straight from the gradient of
// each pair's T.
//
// The same to the bit as binary_branch_weights_backward followed by adam_step or sgd_step on both branches,
// without the two gradients in between: a pass over each filter for the sums of the rule, and one that
// updates it.
#pragma once

#include <vector>

#include "tern/kernels/adam_step.h"
#include "tern/kernels/binary_branch_weights.h"
#include "tern/kernels/sgd_step.h"

namespace tern::kernels {

/// w1 and w2 (O, KH, KW, I) f32 are updated in place; dt = dL/dT has their shape, scale (O) is the 2 * alpha
/// with which dt was computed.
struct BranchPair {
  Tensor w1;
  Tensor w2;
  Tensor dt;
  Tensor scale;
};

struct AdamBranchPair : BranchPair {
  AdamMoments of_w1;
  AdamMoments of_w2;
};

/// The buffers are not used without momentum, and may be undefined then.
struct SgdBranchPair : BranchPair {
  Tensor buffer1;
  Tensor buffer2;
};

/// All are on one device; a GPU updates many pairs in one launch.
void adam_branch_step(std::vector<AdamBranchPair>& pairs, WeightGradientRule rule, const AdamStep& step);
void sgd_branch_step(std::vector<SgdBranchPair>& pairs, WeightGradientRule rule, const SgdStep& step);

}  // namespace tern::kernels
