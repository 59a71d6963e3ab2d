// Variable: a tensor that remembers how it was computed, so that gradients can flow back.
//
//   Variable w(tensor, /*requires_grad=*/true);
//   Variable loss = f(w);
//   loss.backward();           // w.grad() now holds dL/dw
//
// A gradient has the shape of its value and, where that is float, its dtype. backward() adds to what a leaf's
// grad() already holds; it frees the graph behind it, so it can run once. Variable is a handle: copies share
// value and gradient.
#pragma once

#include <cstddef>
#include <memory>

#include "tern/core/tensor.h"

namespace tern {

class DeferredGradient;
class Node;

/// The share of one leaf in a deferred gradient (deferred_gradient.h).
struct DeferredShare {
  std::shared_ptr<DeferredGradient> gradient;  ///< Null: the gradient is not deferred.
  std::size_t leaf = 0;                        ///< Position among the leaves of the gradient.
};

class Variable {
 public:
  /// An undefined variable.
  Variable() = default;
  /// A leaf. With `requires_grad`, backward() fills grad().
  explicit Variable(Tensor value, bool requires_grad = false);

  bool defined() const { return state_ != nullptr; }
  const Tensor& value() const;
  /// The value, to be overwritten in place: for optimisers and loading, between steps.
  Tensor& mutable_value();
  const Shape& shape() const { return value().shape(); }
  /// True if the variable is a leaf that wants a gradient or was computed from one.
  bool requires_grad() const;
  /// The gradient of a leaf; undefined before backward() and after clear_grad(). Changes nothing. The stored
  /// tensor or, where the gradient is deferred, a new one, computed by every call.
  Tensor grad() const;
  /// The same without computing it: true if grad() is defined.
  bool has_grad() const;
  const DeferredShare& deferred_grad() const;
  void clear_grad();

  /// Back-propagates from this scalar. Throws ShapeError if it has more than one element.
  void backward() const;
  /// Back-propagates `dy`, the gradient with respect to this variable.
  void backward(Tensor dy) const;

 private:
  friend class Tape;
  struct State;
  std::shared_ptr<State> state_;
};

/// While an object of this class lives, this thread records no graph.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool previous_;
};

}  // namespace tern
