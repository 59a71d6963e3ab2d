#include "tern/models/zero_fractions.h"

#include "tern/layers/ternary/ternary_layer.h"
#include "tern/layers/zero_fraction.h"
#include "tern/models/graph_module.h"

namespace tern {

std::vector<LayerZeros> zero_fractions(const Module& network) {
  std::vector<LayerZeros> zeros;
  if (const auto* merged = dynamic_cast<const GraphModule*>(&network)) {
    const MergedNetwork contents = merged->merged();
    for (const graph::Node& node : contents.graph.nodes) {
      if (!is_ternary(node.op)) continue;
      zeros.push_back({node.name, zero_fraction_of(contents.state.at(node.parameter("weight").name))});
    }
    return zeros;
  }
  network.visit([&](const std::string& path, const ParameterContainer& module) {
    if (const auto* layer = dynamic_cast<const TernaryLayer*>(&module)) {
      zeros.push_back({path, layer->zero_fraction()});
    }
  });
  return zeros;
}

}  // namespace tern
