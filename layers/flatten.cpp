#include "tern/layers/flatten.h"

#include "tern/layers/functions/reshape.h"

namespace tern {

Variable Flatten::forward(const Variable& x) {
  return flatten(x);
}

Value Flatten::trace(GraphBuilder& graph, Value x) const {
  return graph.flatten(path(), x);
}

}  // namespace tern
