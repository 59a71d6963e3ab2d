#include "tern/models/merge.h"

#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/ternary/ternary_layer.h"

namespace tern {
namespace {

using graph::Operator;

Tensor difference(const Tensor& a, const Tensor& b) {
  std::vector<float> values = a.to_vector<float>();
  const std::vector<float> subtrahends = b.to_vector<float>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= subtrahends[i];
  return Tensor::from(a.shape(), values);
}

void add(MergedNetwork& network, std::size_t position, const std::string& role, const Tensor& tensor) {
  graph::Node& node = network.graph.nodes[position];
  const std::string name = node.name + "." + role;
  node.parameters.push_back({role, name, tensor.shape()});
  network.state.insert_or_assign(name, tensor.to(Device{}));
}

class Merge {
 public:
  Merge(Module& network, const Shape& image) : merged_{trace_graph(network, image), {}} {
    for (const StateEntry& entry : state_dict(network)) trained_.emplace(entry.name, entry.tensor);
    network.visit([this](const std::string& path, ParameterContainer& module) {
      if (auto* layer = dynamic_cast<TernaryLayer*>(&module)) layers_.emplace(path, layer);
    });
  }

  MergedNetwork run() {
    for (graph::Node& node : merged_.graph.nodes) {
      if (node.method.empty()) take_parameters(node);
    }
    for (std::size_t i = 0; i < merged_.graph.nodes.size(); ++i) {
      if (!merged_.graph.nodes[i].method.empty()) merge_layer(i);
    }
    return std::move(merged_);
  }

 private:
  void take_parameters(const graph::Node& node) {
    for (const graph::Parameter& parameter : node.parameters) {
      const auto found = trained_.find(parameter.name);
      require<Error>(found != trained_.end() && found->second.shape() == parameter.shape,
                     "merge: {}: the network has no tensor {} of this shape, which its trace names",
                     node.name, parameter.name);
      merged_.state.insert_or_assign(parameter.name, found->second.to(Device{}));
    }
  }

  void merge_layer(std::size_t position) {
    graph::Node& node = merged_.graph.nodes[position];
    const auto layer = layers_.find(node.name);
    require<Error>(layer != layers_.end(), "merge: {}: the network has no ternary layer of this path",
                   node.name);
    const auto weights = layer->second->merged_weights();
    node.method.clear();
    node.parameters.clear();
    add(merged_, position, "weight", weights.ternary);
    add(merged_, position, "scale", weights.scale);
    if (weights.bias.defined()) add_bias(merged_, position, weights.bias);
  }

  MergedNetwork merged_;
  std::map<std::string, Tensor> trained_;
  std::map<std::string, TernaryLayer*> layers_;
};

}  // namespace

void add_bias(MergedNetwork& network, std::size_t node, const Tensor& bias) {
  const std::vector<int> consumers = network.graph.consumers()[node];
  const graph::Node* behind =
      consumers.size() == 1 ? &network.graph.nodes[static_cast<std::size_t>(consumers[0])] : nullptr;
  if (behind != nullptr && behind->op == Operator::batch_norm) {
    Tensor& mean = network.state.at(behind->parameter("running_mean").name);
    mean = difference(mean, bias);
  } else {
    add(network, node, "bias", bias);
  }
}

MergedNetwork merge(Module& network, const Shape& image) {
  const NoGrad no_grad;
  return Merge(network, image).run();
}

}  // namespace tern
