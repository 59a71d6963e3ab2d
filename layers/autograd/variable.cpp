#include "tern/layers/autograd/variable.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/kernels/full.h"
#include "tern/layers/autograd/deferred_gradient.h"
#include "tern/layers/autograd/node.h"

namespace tern {

Variable::Variable(Tensor value, bool requires_grad) : state_(std::make_shared<State>()) {
  state_->value = std::move(value);
  state_->requires_grad = requires_grad;
}

const Tensor& Variable::value() const {
  require<ShapeError>(defined(), "Variable: the variable is undefined");
  return state_->value;
}

Tensor& Variable::mutable_value() {
  require<ShapeError>(defined(), "Variable: the variable is undefined");
  state_->statistics = {};
  return state_->value;
}

bool Variable::requires_grad() const {
  return defined() && state_->requires_grad;
}

Tensor Variable::grad() const {
  const DeferredShare& deferred = deferred_grad();
  return deferred.gradient ? deferred.gradient->of(deferred.leaf) : state_->grad;
}

bool Variable::has_grad() const {
  return deferred_grad().gradient || state_->grad.defined();
}

const DeferredShare& Variable::deferred_grad() const {
  require<ShapeError>(defined(), "Variable: the variable is undefined");
  return state_->deferred_grad;
}

void Variable::clear_grad() {
  require<ShapeError>(defined(), "Variable: the variable is undefined");
  state_->grad = Tensor();
  state_->deferred_grad = {};
}

void Variable::backward() const {
  require<ShapeError>(value().numel() == 1, "backward: the variable is {}, not a scalar; pass its gradient",
                      shape());
  backward(kernels::full(shape(), 1, value().device()));
}

void Variable::backward(Tensor dy) const {
  require<ShapeError>(requires_grad(), "backward: the variable depends on nothing that requires a gradient");
  require<ShapeError>(dy.defined() && dy.shape() == shape(), "backward: dy is {} but the variable is {}",
                      dy.shape(), shape());
  Tape::run(*this, std::move(dy));
}

}  // namespace tern
