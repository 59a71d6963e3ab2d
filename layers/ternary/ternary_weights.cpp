#include "tern/layers/ternary/ternary_weights.h"

#include <utility>

#include "tern/core/dotted_path.h"
#include "tern/core/error.h"

namespace tern {
namespace {

/// A parameter of the container's own; undefined if there is none.
Variable own_parameter(const ParameterContainer& container, const std::string& name) {
  for (const auto& [own, variable] : container.named_parameters(false)) {
    if (own == name) return variable;
  }
  return {};
}

Variable latent_weight(const TernaryWeights& weights) {
  const Variable weight = own_parameter(weights, "weight");
  require<ConfigError>(weight.defined(),
                       "{}: method '{}' does not say how its latent parameters become floats, or floats "
                       "become these: override TernaryWeights::to_float and start_from",
                       weights.path(), weights.method());
  return weight;
}

}  // namespace

FloatWeights TernaryWeights::to_float() const {
  const Variable b = own_parameter(*this, "bias");
  return {latent_weight(*this).value(), b.defined() ? b.value() : Tensor()};
}

void TernaryWeights::start_from(const FloatWeights& layer) {
  latent_weight(*this).mutable_value().copy_from(layer.weight);
  Variable b = own_parameter(*this, "bias");
  if (b.defined() && layer.bias.defined()) b.mutable_value().copy_from(layer.bias);
}

MergedWeights TernaryWeights::merged() {
  const NoGrad no_grad;
  const TernaryVariables weights = ternarise();
  const Variable b = bias();
  return {weights.ternary.value(), weights.scale.value(), b.defined() ? b.value() : Tensor()};
}

LatentWeights TernaryWeights::latent() const {
  LatentWeights latent{method(), {}, levels()};
  visit([&](const std::string& path, const ParameterContainer& container) {
    for (const auto& [name, variable] : container.named_parameters(false)) {
      latent.parameters.push_back(
          {join_path(path, name), join_path(container.path(), name), variable.shape()});
    }
  });
  return latent;
}

}  // namespace tern
