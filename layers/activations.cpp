#include "tern/layers/activations.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/core/nearest_name.h"
#include "tern/layers/functions/hardtanh.h"
#include "tern/layers/functions/prelu.h"
#include "tern/layers/functions/relu.h"
#include "tern/layers/functions/ternary_activation.h"

namespace tern {

PReLU::PReLU(std::int64_t channels)
    : weight_(register_parameter("weight", Tensor::full({channels}, 0.25F), ParameterRole::slope)) {}

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

Variable BinaryActivation::forward(const Variable& x) {
  return binary_activation(x);
}

Value BinaryActivation::trace(GraphBuilder& graph, Value x) const {
  return graph.binary_activation(path(), x);
}

Variable Hardtanh::forward(const Variable& x) {
  return hardtanh(x);
}

Value Hardtanh::trace(GraphBuilder& graph, Value x) const {
  return graph.hardtanh(path(), x);
}

std::unique_ptr<Module> activation_by_name(const std::string& name) {
  if (name == "ternary") return std::make_unique<TernaryActivation>();
  if (name == "binary") return std::make_unique<BinaryActivation>();
  const std::string near = nearest_name(name, {"ternary", "binary"});
  throw ConfigError(
      fmt::format("activation_by_name: there is no activation '{}'{}; expected ternary or binary", name,
                  near.empty() ? "" : fmt::format(", did you mean '{}'?", near)));
}

}  // namespace tern
