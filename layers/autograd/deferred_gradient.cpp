#include "tern/layers/autograd/deferred_gradient.h"

#include "tern/kernels/sum_of_squares.h"

namespace tern {
namespace {

template <class Step, class State>
void apply_each(const Step& step, std::span<FusedUpdate<State>> updates) {
  for (FusedUpdate<State>& update : updates) update.done = update.gradient->apply(step, update.states);
}

}  // namespace

void DeferredGradient::sum_of_squares(std::size_t leaf, Tensor& sums, std::int64_t index) const {
  kernels::sum_of_squares(of(leaf), sums, index);
}

bool DeferredGradient::apply(const kernels::AdamStep&, std::vector<kernels::AdamMoments>) {
  return false;
}

bool DeferredGradient::apply(const kernels::SgdStep&, std::vector<Tensor>) {
  return false;
}

void DeferredGradient::apply_all(const kernels::AdamStep& step, std::span<AdamUpdate> updates) const {
  apply_each(step, updates);
}

void DeferredGradient::apply_all(const kernels::SgdStep& step, std::span<SgdUpdate> updates) const {
  apply_each(step, updates);
}

Tensor DeferredGradient::of(std::size_t leaf) const {
  return frozen_.empty() ? materialise().at(leaf) : frozen_.at(leaf);
}

void DeferredGradient::freeze() {
  if (frozen_.empty()) frozen_ = materialise();
}

}  // namespace tern
