#include "tern/layers/autograd/deferred_gradient.h"

#include "tern/kernels/sum_of_squares.h"

namespace tern {

std::vector<double> DeferredGradient::sum_of_squares() const {
  return kernels::sum_of_squares(materialise());
}

bool DeferredGradient::apply(const kernels::AdamStep&, std::vector<kernels::AdamMoments>) {
  return false;
}

bool DeferredGradient::apply(const kernels::SgdStep&, std::vector<Tensor>) {
  return false;
}

Tensor DeferredGradient::of(std::size_t leaf) const {
  return frozen_.empty() ? materialise().at(leaf) : frozen_.at(leaf);
}

void DeferredGradient::freeze() {
  if (frozen_.empty()) frozen_ = materialise();
}

}  // namespace tern
