// Recording of differentiable functions. Only layers/functions needs this header.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "tern/layers/autograd/saved.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

/// Maps dL/dy to the gradients of the inputs, in their order; an undefined tensor means "none". It owns dy,
/// may overwrite it if dy.unique(), and may return it. What it needs from the forward pass and grows with the
/// batch it finds in `saved`, where the tape can count it; parameters, weights made of them, values per
/// channel and shapes it captures.
using Backward = std::function<std::vector<Tensor>(Tensor dy, const Saved& saved)>;

/// The kind of a float activation: what wants no gradient came from outside.
inline SavedKind kind_of(const Variable& x) {
  return x.requires_grad() ? SavedKind::activation : SavedKind::input;
}

/// What a leaf holds after a backward pass.
struct LeafGradient {
  Tensor grad;
  DeferredShare deferred;  // instead of grad
};

class Tape {
 public:
  /// True if a function of these inputs has to be recorded.
  static bool records(const std::vector<Variable>& inputs);

  /// The result `value` of the function `name` of `inputs`. `saved` is kept until `backward` has run. If
  /// nothing has to be recorded, both are dropped at once. `name` appears in error messages and must outlive
  /// the graph.
  static Variable record(const char* name, Tensor value, const std::vector<Variable>& inputs, Saved saved,
                         Backward backward);

  /// For a backward that gives no tensors for these inputs, which are leaves: their gradient in another form.
  /// Where a leaf has a gradient already, the sum of both is stored.
  static void defer(const std::shared_ptr<DeferredGradient>& gradient, const std::vector<Variable>& leaves);

  /// What `leaf` holds is kept in `gradient`, and the other way round.
  static void swap_gradient(const Variable& leaf, LeafGradient& gradient);

  /// Bytes that the graph behind `result` keeps for its backward pass, by kind. Each storage counts once, for
  /// the youngest node that declared it.
  static std::map<SavedKind, std::size_t> saved_bytes(const Variable& result);

 private:
  friend class Variable;
  static void run(const Variable& root, Tensor dy);
  static void add_gradient(const Variable& leaf, Tensor gradient);
};

}  // namespace tern
