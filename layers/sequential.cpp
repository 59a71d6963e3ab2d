#include "layers/sequential.h"

namespace tern {

Variable Sequential::forward(const Variable& x) {
  Variable y = x;
  for (Module* module : modules_) y = module->forward(y);
  return y;
}

Shape Sequential::describe(const Shape& x, Description& description) const {
  Shape y = x;
  for (const Module* module : modules_) y = module->describe(y, description);
  return y;
}

}  // namespace tern
