#include "tern/layers/graph/graph.h"

#include <algorithm>

#include "tern/core/error.h"

namespace tern::graph {

std::string_view to_string(Operator op) {
  switch (op) {
    case Operator::input:
      return "input";
    case Operator::conv2d:
      return "conv2d";
    case Operator::linear:
      return "linear";
    case Operator::ternary_conv2d:
      return "ternary_conv2d";
    case Operator::ternary_linear:
      return "ternary_linear";
    case Operator::batch_norm:
      return "batch_norm";
    case Operator::prelu:
      return "prelu";
    case Operator::rprelu:
      return "rprelu";
    case Operator::relu:
      return "relu";
    case Operator::hardtanh:
      return "hardtanh";
    case Operator::ternary_activation:
      return "ternary_activation";
    case Operator::threshold_activation:
      return "threshold_activation";
    case Operator::binary_activation:
      return "binary_activation";
    case Operator::add:
      return "add";
    case Operator::max_pool2d:
      return "max_pool2d";
    case Operator::avg_pool2d:
      return "avg_pool2d";
    case Operator::global_avg_pool2d:
      return "global_avg_pool2d";
    case Operator::pad_channels:
      return "pad_channels";
    case Operator::flatten:
      return "flatten";
  }
  throw Error("to_string: not an operator");
}

bool is_ternary(Operator op) {
  return op == Operator::ternary_conv2d || op == Operator::ternary_linear;
}

bool has_four_levels(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [](const Node& node) { return node.levels == WeightLevels::four; });
}

const Parameter* Node::find(std::string_view role) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const Parameter& parameter) { return parameter.role == role; });
  return found == parameters.end() ? nullptr : &*found;
}

const Parameter& Node::parameter(std::string_view role) const {
  const Parameter* found = find(role);
  require<Error>(found != nullptr, "{}: {} has no parameter {}", name, to_string(op), role);
  return *found;
}

std::vector<std::vector<int>> Graph::consumers() const {
  std::vector<std::vector<int>> all(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const int input : nodes[i].inputs)
      all[static_cast<std::size_t>(input)].push_back(static_cast<int>(i));
  }
  return all;
}

bool Graph::merged() const {
  return std::all_of(nodes.begin(), nodes.end(), [](const Node& node) { return node.method.empty(); });
}

std::int64_t multiply_adds(const Graph& graph, const Node& node) {
  switch (node.op) {
    case Operator::conv2d:
    case Operator::ternary_conv2d: {
      const Shape& x = graph.nodes[static_cast<std::size_t>(node.inputs[0])].output;
      return node.output.numel() * node.window.height * node.window.width * x[2];
    }
    case Operator::linear:
    case Operator::ternary_linear:
      return node.output[0] * graph.nodes[static_cast<std::size_t>(node.inputs[0])].output[0];
    default:
      return 0;
  }
}

}  // namespace tern::graph
