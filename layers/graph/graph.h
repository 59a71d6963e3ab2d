// Graph: one description of a network, from which everything but its training is made: the summary, the
// merge, model files, ONNX, the engine. Modules write it (Module::trace); it holds no tensor.
//
//   input -> conv2d -> batch_norm -> prelu -> ... -> linear
//
// Nodes stand in an order in which each is computed after its inputs. A node has one result, a value for each
// image: (H, W, C) or (C), the batch left out. Names of nodes are unique; those of layers are the paths of
// their modules, so that "features.0" has the parameter "features.0.weight".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tern/core/shape.h"
#include "tern/core/weight_levels.h"

namespace tern::graph {

enum class Operator {
  input,                 ///< The image, (H, W, C).
  conv2d,                ///< Of floats: weight (O, KH, KW, I), bias (O) or none.
  linear,                ///< Of floats (C): weight (O, I), bias (O) or none.
  ternary_conv2d,        ///< scale * conv(x, weight) + bias, x in {-1, 0, +1}, weight in Node::levels.
  ternary_linear,        ///< The same of (C): weight (O, I).
  batch_norm,            ///< weight, bias, running_mean, running_var (C), over the last dimension; eps 1e-5.
  prelu,                 ///< weight (C): x > 0 ? x : weight * x.
  rprelu,                ///< weight, shift, bias (C): prelu(x + shift) + bias.
  relu,                  ///< max(x, 0).
  hardtanh,              ///< x limited to [-1, 1].
  ternary_activation,    ///< -1 for x < -0.5, +1 for x >= 0.5, else 0.
  threshold_activation,  ///< low, high (C): -1 for x < low, +1 for x >= high, else 0.
  binary_activation,     ///< -1 for x < 0, else +1.
  add,                   ///< The sum of two values of one shape.
  max_pool2d,            ///< Padding never wins.
  avg_pool2d,            ///< Padding counts as zeros.
  global_avg_pool2d,     ///< (H, W, C) to (C).
  pad_channels,          ///< Zero channels behind the last.
  flatten,               ///< (H, W, C) to (H * W * C), in that order.
};

/// "conv2d", "ternary_conv2d", ...
std::string_view to_string(Operator op);

/// The window of a convolution or a pool, in pixels.
struct Window {
  std::int64_t height = 1, width = 1;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t padding_height = 0, padding_width = 0;  ///< On both sides.

  static Window square(std::int64_t size, std::int64_t stride, std::int64_t padding) {
    return {size, size, stride, stride, padding, padding};
  }
  bool operator==(const Window&) const = default;
};

/// A tensor that a node uses.
struct Parameter {
  std::string role;  ///< "weight", "bias", "scale", "running_mean", ...
  std::string name;  ///< In the network's state and in files.
  Shape shape;       ///< In Tern's layout (OHWI).
};

struct Node {
  std::string name;
  Operator op = Operator::input;
  std::vector<int> inputs;  ///< Positions of earlier nodes.
  Shape output;             ///< Of one image.
  Window window;            ///< Of a convolution or a pool.
  /// Of a ternary operator that is still being trained: the method that makes its ternary weights
  /// (layers/ternary), with whose latent parameters `parameters` are filled. Empty once it is merged: then
  /// they are weight, scale and perhaps bias.
  std::string method;
  std::vector<Parameter> parameters;
  WeightLevels levels = WeightLevels::three;  ///< The values of a ternary operator's weight.

  /// The parameter of this role, or null.
  const Parameter* find(std::string_view role) const;
  /// The same; throws Error naming the node if there is none.
  const Parameter& parameter(std::string_view role) const;
};

struct Graph {
  std::vector<Node> nodes;  ///< The first is the only input.
  int output = 0;           ///< The node whose result is the network's, (classes).

  const Node& input() const { return nodes.front(); }
  std::int64_t classes() const { return nodes[static_cast<std::size_t>(output)].output[0]; }
  /// For each node, the nodes that read it.
  std::vector<std::vector<int>> consumers() const;
  /// The ternary operators are merged: there is no method left.
  bool merged() const;
};

bool is_ternary(Operator op);

/// A ternary operator of the graph has weights of four levels.
bool has_four_levels(const Graph& graph);

/// Multiply-adds for one image; 0 for what is neither a convolution nor linear.
std::int64_t multiply_adds(const Graph& graph, const Node& node);

}  // namespace tern::graph
