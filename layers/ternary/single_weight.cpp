#include "tern/layers/ternary/single_weight.h"

#include <utility>

#include "tern/layers/autograd/tape.h"

namespace tern {

SingleWeight::SingleWeight(std::string name, kernels::WeightMethod kernel, const Shape& shape, bool bias)
    : name_(std::move(name)), kernel_(kernel), weight_(register_parameter("weight", Tensor::zeros(shape))) {
  if (bias) bias_ = register_parameter("bias", Tensor::zeros({shape[0]}));
  if (kernel == kernels::WeightMethod::lsq) step_ = register_parameter("step", Tensor::zeros({shape[0]}));
}

TernaryVariables SingleWeight::ternarise() {
  const Tensor step = step_.defined() ? step_.value() : Tensor();
  kernels::TernaryWeights weights = kernels::ternary_weights(kernel_, weight_.value(), step);
  Variable ternary = Tape::record(
      "ternary_weights", std::move(weights.ternary), {weight_, step_}, {},
      [kernel = kernel_, w = weight_.value(), scale = weights.scale](const Tensor& dt, const Saved&) {
        kernels::TernaryWeightGradients gradients = kernels::ternary_weights_backward(kernel, dt, w, scale);
        return std::vector<Tensor>{std::move(gradients.dw), std::move(gradients.dstep)};
      });
  return {std::move(ternary), Variable(std::move(weights.scale))};
}

}  // namespace tern
