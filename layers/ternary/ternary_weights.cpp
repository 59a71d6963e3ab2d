#include "tern/layers/ternary/ternary_weights.h"

#include <utility>

#include "tern/core/dotted_path.h"

namespace tern {

MergedWeights TernaryWeights::merged() {
  const NoGrad no_grad;
  const TernaryVariables weights = ternarise();
  const Variable b = bias();
  return {weights.ternary.value(), weights.scale.value(), b.defined() ? b.value() : Tensor()};
}

LatentWeights TernaryWeights::latent() const {
  LatentWeights latent{method(), {}};
  visit([&](const std::string& path, const ParameterContainer& container) {
    for (const auto& [name, variable] : container.named_parameters(false)) {
      latent.parameters.push_back(
          {join_path(path, name), join_path(container.path(), name), variable.shape()});
    }
  });
  return latent;
}

}  // namespace tern
