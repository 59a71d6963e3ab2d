// Recording of differentiable functions. Only layers/functions needs this header.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "tern/kernels/batch_norm.h"
#include "tern/layers/autograd/pending_gradient.h"
#include "tern/layers/autograd/saved.h"
#include "tern/layers/autograd/variable.h"

namespace tern {

/// Maps dL/dy to the gradients of the inputs, in their order; an undefined tensor means "none". It owns dy,
/// may overwrite it if dy.unique(), and may return it. What it needs from the forward pass and grows with the
/// batch it finds in `saved`, where the tape can count it; parameters, weights made of them, values per
/// channel and shapes it captures.
using Backward = std::function<std::vector<Tensor>(Tensor dy, const Saved& saved)>;

/// What the tape knows of a backward pass when it comes to a node.
class BackwardContext {
 public:
  explicit BackwardContext(Node& node);

  /// dL/dy. To be called once: the backward owns it.
  Tensor dy();
  /// dL/dy as it was left, if it is pending and a P; else null, and dy() has it.
  template <class P>
  std::shared_ptr<P> pending_dy() {
    std::shared_ptr<P> pending = std::dynamic_pointer_cast<P>(pending_);
    if (pending) pending_.reset();
    return pending;
  }
  /// What has arrived of the gradient of an input so far, to be added in a pass that is made in any case; it
  /// may be undefined. It is taken: what the backward returns for this input is the sum of both.
  Tensor take_gradient(std::size_t input);
  /// In the place of a tensor for this input, its whole gradient: of what has arrived nothing may be left.
  void leave_pending(std::size_t input, std::shared_ptr<PendingGradient> gradient);

 private:
  friend class Tape;

  Node& node_;
  std::shared_ptr<PendingGradient> pending_;                      // dL/dy, unless node_ has it
  std::map<std::size_t, std::shared_ptr<PendingGradient>> left_;  // by input
};

/// A backward that asks for more than dL/dy.
using BackwardInContext = std::function<std::vector<Tensor>(BackwardContext& context, const Saved& saved)>;

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
  static Variable record(const char* name, Tensor value, const std::vector<Variable>& inputs, Saved saved,
                         BackwardInContext backward);

  /// Leaves the channel statistics of x with it, from a function that has them at hand, for a batch norm.
  static void keep_statistics(const Variable& x, kernels::ChannelStatistics statistics);
  /// What has been left with x; undefined tensors: nothing.
  static const kernels::ChannelStatistics& statistics(const Variable& x);

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
