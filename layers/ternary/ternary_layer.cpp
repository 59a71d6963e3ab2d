#include "tern/layers/ternary/ternary_layer.h"

#include <utility>

#include "tern/layers/zero_fraction.h"

namespace tern {

TernaryLayer::TernaryLayer(std::unique_ptr<TernaryWeights> weights)
    : weights_(add_unnamed(std::move(weights))) {}

double TernaryLayer::zero_fraction() const {
  return zero_fraction_of(weights_.merged().ternary);
}

Tensor TernaryLayer::bias_value() const {
  const NoGrad no_grad;
  const Variable bias = weights_.bias();
  return bias.defined() ? bias.value() : Tensor();
}

}  // namespace tern
