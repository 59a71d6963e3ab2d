#include "tern/layers/sequential.h"

#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"

namespace tern {

Variable Sequential::forward_from(std::size_t first, const Variable& x) {
  Variable y = x;
  for (std::size_t i = first; i < modules_.size(); ++i) {
    if (auto* norm = norm_to_fuse(i)) {
      y = batch_norm_ternary(y, norm->arguments()).values;
      ++i;
    } else {
      y = modules_[i]->forward(y);
    }
  }
  return y;
}

BatchNorm2d* Sequential::norm_to_fuse(std::size_t i) const {
  if (i + 1 == modules_.size() || dynamic_cast<TernaryActivation*>(modules_[i + 1]) == nullptr)
    return nullptr;
  return dynamic_cast<BatchNorm2d*>(modules_[i]);
}

Value Sequential::trace(GraphBuilder& graph, Value x) const {
  for (const Module* module : modules_) x = module->trace(graph, x);
  return x;
}

}  // namespace tern
