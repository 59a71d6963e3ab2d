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

Value PReLU::trace(GraphBuilder& graph, Value x) const {
  return graph.prelu(path(), x);
}

Variable ReLU::forward(const Variable& x) {
  return relu(x);
}

Value ReLU::trace(GraphBuilder& graph, Value x) const {
  return graph.relu(path(), x);
}

Variable TernaryActivation::forward(const Variable& x) {
  return ternary_activation(x);
}

Value TernaryActivation::trace(GraphBuilder& graph, Value x) const {
  return graph.ternary_activation(path(), x);
}

}  // namespace tern
