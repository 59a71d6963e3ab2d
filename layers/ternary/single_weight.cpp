#include "tern/layers/ternary/single_weight.h"

#include <utility>

#include "tern/layers/autograd/tape.h"

namespace tern {

SingleWeight::SingleWeight(std::string name, kernels::WeightMethod kernel, const Shape& shape, bool bias,
                           const LearnedPerFilter& learned)
    : name_(std::move(name)),
      kernel_(kernel),
      weight_(register_parameter("weight", Tensor::zeros(shape), ParameterRole::latent)) {
  if (bias) bias_ = register_parameter("bias", Tensor::zeros({shape[0]}), ParameterRole::bias);
  if (kernels::learns_per_filter(kernel)) {
    learned_ =
        register_parameter(learned.name, Tensor::full({shape[0]}, learned.initial), ParameterRole::threshold);
  }
}

TernaryVariables SingleWeight::ternarise() {
  const Tensor learned = learned_.defined() ? learned_.value() : Tensor();
  kernels::TernaryWeights weights = kernels::ternary_weights(kernel_, weight_.value(), learned);
  Variable ternary =
      Tape::record("ternary_weights", std::move(weights.ternary), {weight_, learned_}, {},
                   [kernel = kernel_, w = weight_.value(), scale = weights.scale, learned](const Tensor& dt,
                                                                                           const Saved&) {
                     kernels::TernaryWeightGradients gradients =
                         kernels::ternary_weights_backward(kernel, dt, w, scale, learned);
                     return std::vector<Tensor>{std::move(gradients.dw), std::move(gradients.dlearned)};
                   });
  return {std::move(ternary), Variable(std::move(weights.scale))};
}

}  // namespace tern
