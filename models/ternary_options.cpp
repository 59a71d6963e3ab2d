#include "tern/models/ternary_options.h"

#include "tern/core/error.h"
#include "tern/layers/activations.h"
#include "tern/layers/linear.h"
#include "tern/layers/ternary/ternary_conv2d.h"
#include "tern/layers/ternary/ternary_linear.h"

namespace tern {

std::unique_ptr<Module> TernaryOptions::convolution(const Conv2dOptions& options) const {
  if (ternary_weights()) return std::make_unique<TernaryConv2d>(options, method());
  return std::make_unique<Conv2d>(options);
}

std::unique_ptr<Module> TernaryOptions::linear(std::int64_t in_features, std::int64_t out_features) const {
  if (ternary_weights()) return std::make_unique<TernaryLinear>(in_features, out_features, method());
  return std::make_unique<Linear>(in_features, out_features);
}

TernaryMethod TernaryOptions::method() const {
  TernaryMethodOptions options;
  options.weight_gradient = weight_gradient;
  options.branches = branches;
  return ternary_method(weights, options);
}

std::vector<std::string> weight_names() {
  std::vector<std::string> names = ternary_method_names();
  names.insert(names.begin(), {"float", "full_precision"});
  return names;
}

TernaryOptions read_ternary_options(NetworkFields& fields, const std::vector<std::string>& allowed) {
  TernaryOptions options;
  options.weights = fields.choice("weights", allowed.front(), allowed);
  options.activations = fields.choice("activations", "ternary", activation_names());
  options.weight_gradient =
      weight_gradient_rule(fields.choice("weight_gradient", "official", weight_gradient_rule_names()));
  // Where nothing is said, nothing is written: descriptions of pairs stay what they were.
  if (fields.has("branches")) options.branches = fields.integer("branches", 2, 2, 3);
  require<ConfigError>(
      options.weights == "sttn" || !fields.has("branches"),
      "model.branches: weights are \"{}\", and only those of \"sttn\" are made of branches; leave it away",
      options.weights);
  return options;
}

}  // namespace tern
