// The gradient of a pair of binary branches: that of their T, and what turns it into those of the two latent
// weights. Nobody needs these in plain training: an optimiser updates the latent weights straight from dL/dT
// (kernels/branch_step.h), which saves the memory of one gradient and the traffic of two.
#pragma once

#include <utility>

#include "tern/kernels/branch_step.h"

namespace tern {

class BranchGradient {
 public:
  BranchGradient(kernels::BranchPair pair, kernels::WeightGradientRule rule)
      : pair_(std::move(pair)), rule_(rule) {}

  const kernels::BranchPair& pair() const { return pair_; }
  kernels::WeightGradientRule rule() const { return rule_; }

  /// The gradient of w1 (branch 0) or w2 (branch 1), before either has changed.
  const Tensor& of(int branch) const;

 private:
  kernels::BranchPair pair_;
  kernels::WeightGradientRule rule_;
  mutable kernels::BranchGradients computed_;  // by the first of()
};

}  // namespace tern
