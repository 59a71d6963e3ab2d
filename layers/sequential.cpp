#include "tern/layers/sequential.h"

namespace tern {

Variable Sequential::forward_from(std::size_t first, const Variable& x) {
  Variable y = x;
  for (std::size_t i = first; i < modules_.size(); ++i) y = modules_[i]->forward(y);
  return y;
}

Value Sequential::trace(GraphBuilder& graph, Value x) const {
  for (const Module* module : modules_) x = module->trace(graph, x);
  return x;
}

}  // namespace tern
