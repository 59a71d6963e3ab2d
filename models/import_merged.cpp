#include "tern/models/import_merged.h"

#include <algorithm>
#include <cmath>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/layers/named_tensors.h"

namespace tern {
namespace {

using State = std::map<std::string, Tensor>;

float largest_magnitude(const float* weights, std::int64_t count) {
  float largest = 0;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(weights[i]));
  return largest;
}

// -s, 0 or s to -1, 0 or 1; s, the scale, is the largest magnitude of the filter.
std::int8_t ternary_value(const std::string& name, std::int64_t filter, float weight, float scale) {
  if (weight == 0) return 0;
  require<DataError>(std::fabs(weight) == scale,
                     "{}: filter {} has weights of {} and of {}, and a ternary filter has -s, 0 and s alone. "
                     "The official merge "
                     "leaves five levels where a latent weight was exactly 0, since sign(0) is 0 there; "
                     "import the pair of binary "
                     "branches that this was merged from",
                     name, filter, scale, std::fabs(weight));
  return weight > 0 ? 1 : -1;
}

// Weights and scales from a float tensor (O, ...).
void load_ternary(MergedNetwork& network, const graph::Node& node, const Tensor& weights) {
  const graph::Parameter& weight = node.parameter("weight");
  const std::int64_t filters = weights.dim(0), count = weights.numel() / filters;
  std::vector<std::int8_t> ternary;
  std::vector<float> scales;
  for (std::int64_t o = 0; o < filters; ++o) {
    const float* filter = weights.data<float>() + o * count;
    scales.push_back(largest_magnitude(filter, count));
    for (std::int64_t i = 0; i < count; ++i)
      ternary.push_back(ternary_value(weight.name, o, filter[i], scales.back()));
  }
  network.state.insert_or_assign(weight.name, Tensor::from(weights.shape(), ternary));
  network.state.insert_or_assign(node.parameter("scale").name, Tensor::from({filters}, scales));
}

// The biases of ternary layers, which are in no other state dict of such networks.
std::map<std::size_t, Tensor> take_biases(const graph::Graph& graph, State& state) {
  std::map<std::size_t, Tensor> biases;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const graph::Node& node = graph.nodes[i];
    if (!is_ternary(node.op)) continue;
    const auto found = state.find(node.name + ".bias");
    if (found == state.end()) continue;
    const Shape expected{node.output[-1]};
    require<DataError>(found->second.dtype() == DType::f32 && found->second.shape() == expected,
                       "{} is {} {}, expected {} {}", found->first, found->second.dtype(),
                       found->second.shape(), DType::f32, expected);
    biases.emplace(i, found->second);
    state.erase(found);
  }
  return biases;
}

}  // namespace

void load_merged_state(MergedNetwork& network, State state) {
  const auto biases = take_biases(network.graph, state);
  std::erase_if(state, [](const auto& entry) { return entry.first.ends_with(".num_batches_tracked"); });
  NamedTensors targets;
  std::map<const graph::Node*, Tensor> weights;
  for (const graph::Node& node : network.graph.nodes) {
    for (const graph::Parameter& parameter : node.parameters) {
      if (!is_ternary(node.op)) {
        targets.emplace_back(parameter.name, network.state.at(parameter.name));
      } else if (parameter.role == "weight") {
        weights.emplace(&node, Tensor::zeros(parameter.shape));
        targets.emplace_back(parameter.name, weights.at(&node));
      }
    }
  }
  overwrite_tensors("a merged network", std::move(targets), state);
  for (const auto& [node, tensor] : weights) load_ternary(network, *node, tensor);
  for (const auto& [node, bias] : biases) add_bias(network, node, bias);
}

}  // namespace tern
