#include "tern/layers/autograd/branch_gradient.h"

namespace tern {

const Tensor& BranchGradient::of(int branch) const {
  if (!computed_.dw1.defined()) {
    computed_ = kernels::binary_branch_weights_backward(pair_.dt, pair_.w1, pair_.w2, pair_.scale, rule_);
  }
  return branch == 0 ? computed_.dw1 : computed_.dw2;
}

}  // namespace tern
