#include "tern/layers/sequential.h"

namespace tern {

Variable Sequential::forward_from(std::size_t first, const Variable& x) {
  Variable y = x;
  for (std::size_t i = first; i < modules_.size(); ++i) y = modules_[i]->forward(y);
  return y;
}

Shape Sequential::describe(const Shape& x, Description& description) const {
  Shape y = x;
  for (const Module* module : modules_) y = module->describe(y, description);
  return y;
}

}  // namespace tern
