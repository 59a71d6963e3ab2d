#include "tern/training/ternary_layers.h"

#include "tern/layers/ternary/ternary_layer.h"

namespace tern {
namespace {

template <class Use>
void for_each_ternary_layer(const ParameterContainer& network, const Use& use) {
  network.visit([&](const std::string& path, const ParameterContainer& module) {
    if (const auto* layer = dynamic_cast<const TernaryLayer*>(&module)) use(path, *layer);
  });
}

}  // namespace

std::vector<std::string> ternary_layer_names(const ParameterContainer& network) {
  std::vector<std::string> names;
  for_each_ternary_layer(network, [&](const std::string& path, const auto&) { names.push_back(path); });
  return names;
}

std::vector<double> zero_fractions(const ParameterContainer& network) {
  std::vector<double> zeros;
  for_each_ternary_layer(
      network, [&](const std::string&, const auto& layer) { zeros.push_back(layer.zero_fraction()); });
  return zeros;
}

}  // namespace tern
