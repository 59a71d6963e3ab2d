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

#include <memory>

#include "tern/core/tensor.h"

namespace tern {

class BranchGradient;
class Node;

/// A leaf is branch 0 or 1 of the pair whose gradient this is; no gradient, no pair.
struct GradientOfPair {
  std::shared_ptr<const BranchGradient> gradient;
  int branch = 0;
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
  /// The gradient of a leaf; undefined before backward() and after clear_grad().
  const Tensor& grad() const;
  /// Where the gradient of a leaf will be computed from when grad() first asks for it.
  const GradientOfPair& grad_of_pair() const;
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
