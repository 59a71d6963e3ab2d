#include "tern/layers/activations.h"

#include "tern/layers/functions/prelu.h"
#include "tern/layers/functions/relu.h"
#include "tern/layers/functions/ternary_activation.h"

namespace tern {

PReLU::PReLU(std::int64_t channels)
    : weight_(register_parameter("weight", Tensor::full({channels}, 0.25F))) {}

Variable PReLU::forward(const Variable& x) {
  return prelu(x, weight_);
}

Shape PReLU::describe(const Shape& x, Description& description) const {
  description.add({path(), "prelu", x, weight_.value().numel(), 32, 0});
  return x;
}

Variable ReLU::forward(const Variable& x) {
  return relu(x);
}

Variable TernaryActivation::forward(const Variable& x) {
  return ternary_activation(x);
}

}  // namespace tern
