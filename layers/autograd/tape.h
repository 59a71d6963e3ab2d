// Recording of differentiable functions. Only layers/functions needs this header.
#pragma once

#include <functional>
#include <vector>

#include "layers/autograd/variable.h"

namespace tern {

/// Maps dL/dy to the gradients of the inputs, in their order; an undefined tensor means "none". It owns dy,
/// may overwrite it if dy.unique(), and may return it. What it needs from the forward pass it captures.
using Backward = std::function<std::vector<Tensor>(Tensor dy)>;

class Tape {
 public:
  /// True if a function of these inputs has to be recorded.
  static bool records(const std::vector<Variable>& inputs);

  /// The result `value` of the function `name` of `inputs`. If nothing has to be recorded, `backward` and
  /// what it captured are dropped at once. `name` appears in error messages and must outlive the graph.
  static Variable record(const char* name, Tensor value, const std::vector<Variable>& inputs,
                         Backward backward);

 private:
  friend class Variable;
  static void run(const Variable& root, Tensor dy);
};

}  // namespace tern
