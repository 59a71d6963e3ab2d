#include "tern/layers/activations.h"

#include <fmt/ranges.h>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/core/nearest_name.h"
#include "tern/layers/functions/prelu.h"
#include "tern/layers/functions/threshold_activation.h"

namespace tern {

PReLU::PReLU(std::int64_t channels)
    : weight_(register_parameter("weight", Tensor::full({channels}, 0.25F), ParameterRole::slope)) {}

Variable PReLU::forward(const Variable& x) {
  return prelu(x, weight_);
}

Value PReLU::trace(GraphBuilder& graph, Value x) const {
  return graph.prelu(path(), x);
}

RPReLU::RPReLU(std::int64_t channels)
    : weight_(register_parameter("weight", Tensor::full({channels}, 0.25F), ParameterRole::slope)),
      shift_(register_parameter("shift", Tensor::zeros({channels}), ParameterRole::bias)),
      bias_(register_parameter("bias", Tensor::zeros({channels}), ParameterRole::bias)) {}

Variable RPReLU::forward(const Variable& x) {
  return rprelu(x, weight_, shift_, bias_);
}

Value RPReLU::trace(GraphBuilder& graph, Value x) const {
  return graph.rprelu(path(), x);
}

ThresholdActivation::ThresholdActivation(std::int64_t channels)
    : low_(register_parameter("low", Tensor::full({channels}, -0.5F), ParameterRole::threshold)),
      high_(register_parameter("high", Tensor::full({channels}, 0.5F), ParameterRole::threshold)) {}

Variable ThresholdActivation::forward(const Variable& x) {
  return threshold_activation(x, low_, high_);
}

Value ThresholdActivation::trace(GraphBuilder& graph, Value x) const {
  return graph.threshold_activation(path(), x);
}

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {"ternary", "binary", "learned"};
  return names;
}

std::unique_ptr<Module> activation_by_name(const std::string& name, std::int64_t channels) {
  if (name == "ternary") return std::make_unique<TernaryActivation>();
  if (name == "binary") return std::make_unique<BinaryActivation>();
  if (name == "learned") return std::make_unique<ThresholdActivation>(channels);
  const std::string near = nearest_name(name, activation_names());
  throw ConfigError(fmt::format("activation_by_name: there is no activation '{}'{}; expected one of {}", name,
                                near.empty() ? "" : fmt::format(", did you mean '{}'?", near),
                                fmt::join(activation_names(), ", ")));
}

}  // namespace tern
