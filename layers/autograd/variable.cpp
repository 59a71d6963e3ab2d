#include "tern/layers/autograd/variable.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/layers/autograd/branch_gradient.h"
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
  return state_->value;
}

bool Variable::requires_grad() const {
  return defined() && state_->requires_grad;
}

const Tensor& Variable::grad() const {
  require<ShapeError>(defined(), "Variable: the variable is undefined");
  if (state_->grad_of_pair.gradient) {
    const GradientOfPair pair = std::exchange(state_->grad_of_pair, {});
    state_->grad = pair.gradient->of(pair.branch);
  }
  return state_->grad;
}

const GradientOfPair& Variable::grad_of_pair() const {
  require<ShapeError>(defined(), "Variable: the variable is undefined");
  return state_->grad_of_pair;
}

void Variable::clear_grad() {
  require<ShapeError>(defined(), "Variable: the variable is undefined");
  state_->grad = Tensor();
  state_->grad_of_pair = {};
}

void Variable::backward() const {
  require<ShapeError>(value().numel() == 1, "backward: the variable is {}, not a scalar; pass its gradient",
                      shape());
  Tensor one = Tensor::full({1}, 1.0F).reshape(shape()).to(value().device());
  backward(std::move(one));
}

void Variable::backward(Tensor dy) const {
  require<ShapeError>(requires_grad(), "backward: the variable depends on nothing that requires a gradient");
  require<ShapeError>(dy.defined() && dy.shape() == shape(), "backward: dy is {} but the variable is {}",
                      dy.shape(), shape());
  Tape::run(*this, std::move(dy));
}

}  // namespace tern
