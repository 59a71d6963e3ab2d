#include "tern/models/ternary_options.h"

#include "tern/layers/activations.h"

namespace tern {

TernaryMethod TernaryOptions::method() const {
  TernaryMethodOptions options;
  options.weight_gradient = weight_gradient;
  return ternary_method(weights, options);
}

std::vector<std::string> weight_names() {
  std::vector<std::string> names = ternary_method_names();
  names.insert(names.begin(), "float");
  return names;
}

TernaryOptions read_ternary_options(NetworkFields& fields, const std::vector<std::string>& allowed) {
  TernaryOptions options;
  options.weights = fields.choice("weights", allowed.front(), allowed);
  options.activations = fields.choice("activations", "ternary", activation_names());
  options.weight_gradient =
      weight_gradient_rule(fields.choice("weight_gradient", "official", weight_gradient_rule_names()));
  return options;
}

}  // namespace tern
