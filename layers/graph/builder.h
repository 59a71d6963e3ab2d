// Writing a graph: operators are appended, their shapes follow.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "tern/layers/graph/graph.h"

namespace tern {

/// A result in a graph under construction.
struct Value {
  int node = -1;
};

/// What a trained ternary operator is made by: a method and its latent parameters.
struct LatentWeights {
  std::string method;
  std::vector<graph::Parameter> parameters;  ///< Names are those of the network's state.
  WeightLevels levels = WeightLevels::three;
};

/// Each function appends an operator called `name` and returns its result. Parameters get their usual names,
/// "<name>.weight" and so on. Throws ShapeError naming the node if an operand does not fit, a window among
/// them, or the name is taken.
class GraphBuilder {
 public:
  /// An image of (H, W, C). Call it once, first.
  Value input(const Shape& image);

  Value conv2d(const std::string& name, Value x, std::int64_t filters, const graph::Window& window,
               bool bias);
  Value linear(const std::string& name, Value x, std::int64_t outputs, bool bias);
  /// Merged: weight, scale and perhaps bias.
  Value ternary_conv2d(const std::string& name, Value x, std::int64_t filters, const graph::Window& window,
                       bool bias, WeightLevels levels = WeightLevels::three);
  Value ternary_linear(const std::string& name, Value x, std::int64_t outputs, bool bias,
                       WeightLevels levels = WeightLevels::three);
  /// In training.
  Value ternary_conv2d(const std::string& name, Value x, std::int64_t filters, const graph::Window& window,
                       LatentWeights weights);
  Value ternary_linear(const std::string& name, Value x, std::int64_t outputs, LatentWeights weights);

  Value batch_norm(const std::string& name, Value x);
  Value prelu(const std::string& name, Value x);
  Value rprelu(const std::string& name, Value x);
  Value relu(const std::string& name, Value x);
  Value hardtanh(const std::string& name, Value x);
  Value ternary_activation(const std::string& name, Value x);
  Value threshold_activation(const std::string& name, Value x);
  Value binary_activation(const std::string& name, Value x);
  Value add(const std::string& name, Value a, Value b);
  Value max_pool2d(const std::string& name, Value x, const graph::Window& window);
  Value avg_pool2d(const std::string& name, Value x, const graph::Window& window);
  Value global_avg_pool2d(const std::string& name, Value x);
  Value pad_channels(const std::string& name, Value x, std::int64_t channels);
  Value flatten(const std::string& name, Value x);

  /// Of one image.
  const Shape& shape(Value value) const;

  /// The graph, whose result is `output`: (classes), or ShapeError.
  graph::Graph finish(Value output) &&;

 private:
  Value append(graph::Node node, std::initializer_list<Value> inputs);
  Value convolution(graph::Operator op, const std::string& name, Value x, std::int64_t filters,
                    const graph::Window& window);
  Value product(graph::Operator op, const std::string& name, Value x, std::int64_t outputs);
  Value elementwise(graph::Operator op, const std::string& name, Value x,
                    std::initializer_list<const char*> roles);
  Value pool(graph::Operator op, const std::string& name, Value x, const graph::Window& window);
  void add_weight(Value value, bool scale, bool bias);
  void set_latent(Value value, LatentWeights weights);

  graph::Graph graph_;
  std::set<std::string> names_;
};

}  // namespace tern
