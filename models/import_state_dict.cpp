#include "tern/models/import_state_dict.h"

#include <nlohmann/json.hpp>

#include "tern/layers/state_dict.h"
#include "tern/models/about_file.h"
#include "tern/models/formats/pytorch_state.h"
#include "tern/models/formats/state_dict_file.h"
#include "tern/models/graph_module.h"
#include "tern/models/import_merged.h"

namespace tern {
namespace {

using State = std::map<std::string, Tensor>;

constexpr std::string_view kMergedSuffix = "_ter", kPairSuffix = "_bwx2";

// Of the file, in PyTorch's layout.
State read_all(const std::string& path) {
  State state;
  for (const auto& [name, tensor] : open_state_dict(path)) state.emplace(name, tensor.read());
  return state;
}

std::optional<Shape> shape_in(const State& state, const graph::Parameter* parameter) {
  const auto found = parameter != nullptr ? state.find(parameter->name) : state.end();
  if (found == state.end()) return std::nullopt;
  return found->second.shape();
}

// `config` is the network as it would be by default.
NetworkDefaults sizes_in(const State& state, const NetworkConfig& config, NetworkDefaults defaults) {
  const graph::Graph graph = trace_graph(*config.make(), config.image);
  const auto output = static_cast<std::size_t>(graph.output);
  if (const auto last = shape_in(state, graph.nodes[output].find("weight")); last && last->rank() > 0) {
    defaults.classes = (*last)[0];
  }
  const graph::Node& first = graph.nodes[1];
  if (const auto stem = shape_in(state, first.find("weight")); stem && stem->rank() == 4) {
    defaults.input_channels = (*stem)[1];
  }
  for (const graph::Node& node : graph.nodes) {
    if (is_ternary(node.op) && state.count(node.name + "_1.bias") > 0) defaults.conv_bias = true;
  }
  return defaults;
}

NetworkConfig described(const State& state, const std::string& model, const NetworkDefaults& defaults) {
  return parse_network_config(model, sizes_in(state, parse_network_config(model, defaults), defaults));
}

// The description of the pair that "resnet18_ter" is the merged form of; nothing for other names.
std::optional<std::string> pair_of(const std::string& model) {
  Json json = parse_strict_json(model, "model");
  Json* name = json.is_object() && json.contains("name") ? &json["name"] : &json;
  if (!name->is_string() || !name->get<std::string>().ends_with(kMergedSuffix)) return std::nullopt;
  std::string text = name->get<std::string>();
  *name = text.replace(text.size() - kMergedSuffix.size(), kMergedSuffix.size(), kPairSuffix);
  return json.dump();
}

State tensors_of_tern(const State& state) {
  State converted;
  for (const auto& [name, tensor] : state) converted.emplace(name, from_pytorch(name, tensor));
  return converted;
}

LoadedModel import_merged(const std::string& path, const State& state, const NetworkConfig& pair) {
  return about_file(path, [&] {
    MergedNetwork merged = merge(*pair.make(), pair.image);
    load_merged_state(merged, tensors_of_tern(state));
    return LoadedModel{std::nullopt, merged.graph, std::make_unique<GraphModule>(merged), {}};
  });
}

LoadedModel import_trained(const std::string& path, const State& state, const NetworkConfig& config) {
  LoadedModel model{config, {}, config.make(), {}};
  about_file(path, [&] {
    State converted = tensors_of_tern(state);
    add_missing_counts(*model.network, converted);
    load_state(*model.network, converted);
  });
  model.graph = trace_graph(*model.network, config.image);
  return model;
}

}  // namespace

LoadedModel import_state_dict(const std::string& path, const std::string& model,
                              const NetworkDefaults& defaults) {
  const std::optional<std::string> pair = pair_of(model);
  const State state = read_all(path);
  const NetworkConfig config = described(state, pair.value_or(model), defaults);
  LoadedModel imported = pair ? import_merged(path, state, config) : import_trained(path, state, config);
  imported.network->train(false);
  return imported;
}

}  // namespace tern
