#include "tern/layers/graph/builder.h"

#include <algorithm>
#include <utility>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {
namespace {

using graph::Node;
using graph::Operator;
using graph::Window;

// Sums of two extents must fit 32 bits, which kernels compute with.
constexpr std::int64_t kMaxExtent = (std::int64_t{1} << 29) - 1;

void require_rank(const Node& node, const Shape& x, int rank) {
  require<ShapeError>(x.rank() == rank, "{}: the input of {} is {}, expected {}", node.name,
                      to_string(node.op), x, rank == 3 ? "(H, W, C)" : "(C)");
}

void check_window(const Node& node, const Shape& x) {
  const Window& w = node.window;
  const auto [least, most] = std::minmax({w.height, w.width, w.stride_height, w.stride_width});
  require<ShapeError>(least >= 1 && most <= kMaxExtent,
                      "{}: window {} x {} with strides {}, {}: expected positive numbers below 2^29",
                      node.name, w.height, w.width, w.stride_height, w.stride_width);
  const bool pool = node.op == Operator::max_pool2d || node.op == Operator::avg_pool2d;
  // A pool's window must hold a pixel, wherever it stands.
  const std::int64_t high_limit = pool ? w.height / 2 : kMaxExtent,
                     wide_limit = pool ? w.width / 2 : kMaxExtent;
  require<ShapeError>(w.padding_height >= 0 && w.padding_height <= high_limit && w.padding_width >= 0 &&
                          w.padding_width <= wide_limit,
                      "{}: padding {}, {} of a window {} x {}: expected 0 to {}", node.name, w.padding_height,
                      w.padding_width, w.height, w.width, pool ? "half the window" : "2^29");
  require<ShapeError>(x[0] + 2 * w.padding_height >= w.height && x[1] + 2 * w.padding_width >= w.width,
                      "{}: the input {} is too small for a window {} x {} with padding {}, {}", node.name, x,
                      w.height, w.width, w.padding_height, w.padding_width);
}

std::int64_t moves(std::int64_t extent, std::int64_t size, std::int64_t stride, std::int64_t padding) {
  return (extent + 2 * padding - size) / stride + 1;
}

// The shape of a convolution (with as many channels as node.output ends with) or pool of x.
Shape windowed(const Node& node, const Shape& x, std::int64_t channels) {
  require_rank(node, x, 3);
  check_window(node, x);
  const Window& w = node.window;
  return {moves(x[0], w.height, w.stride_height, w.padding_height),
          moves(x[1], w.width, w.stride_width, w.padding_width), channels};
}

void require_channels(const Node& node, std::int64_t channels) {
  require<ShapeError>(channels >= 1 && channels <= kMaxExtent, "{}: {} output channels; expected 1 to 2^29",
                      node.name, channels);
}

void add_parameter(Node& node, const std::string& role, Shape shape) {
  node.parameters.push_back({role, node.name + "." + role, shape});
}

}  // namespace

const Shape& GraphBuilder::shape(Value value) const {
  require<ShapeError>(value.node >= 0 && value.node < static_cast<int>(graph_.nodes.size()),
                      "GraphBuilder: a value that does not belong to this graph");
  return graph_.nodes[static_cast<std::size_t>(value.node)].output;
}

Value GraphBuilder::append(Node node, std::initializer_list<Value> inputs) {
  require<ShapeError>(!node.name.empty(), "GraphBuilder: a node needs a name");
  require<ShapeError>(names_.insert(node.name).second, "{}: two nodes have this name", node.name);
  for (const Value input : inputs) {
    shape(input);  // throws
    node.inputs.push_back(input.node);
  }
  graph_.nodes.push_back(std::move(node));
  return {static_cast<int>(graph_.nodes.size()) - 1};
}

Value GraphBuilder::input(const Shape& image) {
  require<ShapeError>(graph_.nodes.empty(), "GraphBuilder: the input is the first node, and there is one");
  require<ShapeError>(image.rank() == 3 && image.numel() > 0 && image[0] <= kMaxExtent &&
                          image[1] <= kMaxExtent && image[2] <= kMaxExtent,
                      "GraphBuilder: the image is {}, expected (H, W, C)", image);
  Node node{"images", Operator::input, {}, image, {}, {}, {}};
  return append(std::move(node), {});
}

Value GraphBuilder::convolution(Operator op, const std::string& name, Value x, std::int64_t filters,
                                const Window& window) {
  Node node{name, op, {}, {}, window, {}, {}};
  require_channels(node, filters);
  node.output = windowed(node, shape(x), filters);
  return append(std::move(node), {x});
}

Value GraphBuilder::product(Operator op, const std::string& name, Value x, std::int64_t outputs) {
  Node node{name, op, {}, {outputs}, {}, {}, {}};
  require_channels(node, outputs);
  require_rank(node, shape(x), 1);
  return append(std::move(node), {x});
}

void GraphBuilder::add_weight(Value value, bool scale, bool bias) {
  Node& node = graph_.nodes[static_cast<std::size_t>(value.node)];
  const Shape& x = graph_.nodes[static_cast<std::size_t>(node.inputs[0])].output;
  const std::int64_t outputs = node.output[-1];
  add_parameter(
      node, "weight",
      x.rank() == 1 ? Shape{outputs, x[0]} : Shape{outputs, node.window.height, node.window.width, x[2]});
  if (scale) add_parameter(node, "scale", {outputs});
  if (bias) add_parameter(node, "bias", {outputs});
}

void GraphBuilder::set_latent(Value value, LatentWeights weights) {
  Node& node = graph_.nodes[static_cast<std::size_t>(value.node)];
  require<ShapeError>(!weights.method.empty(), "{}: the method of its weights has no name", node.name);
  node.method = std::move(weights.method);
  node.parameters = std::move(weights.parameters);
  node.levels = weights.levels;
}

Value GraphBuilder::conv2d(const std::string& name, Value x, std::int64_t filters, const Window& window,
                           bool bias) {
  const Value y = convolution(Operator::conv2d, name, x, filters, window);
  add_weight(y, false, bias);
  return y;
}

Value GraphBuilder::linear(const std::string& name, Value x, std::int64_t outputs, bool bias) {
  const Value y = product(Operator::linear, name, x, outputs);
  add_weight(y, false, bias);
  return y;
}

Value GraphBuilder::ternary_conv2d(const std::string& name, Value x, std::int64_t filters,
                                   const Window& window, bool bias, WeightLevels levels) {
  const Value y = convolution(Operator::ternary_conv2d, name, x, filters, window);
  add_weight(y, true, bias);
  graph_.nodes.back().levels = levels;
  return y;
}

Value GraphBuilder::ternary_linear(const std::string& name, Value x, std::int64_t outputs, bool bias,
                                   WeightLevels levels) {
  const Value y = product(Operator::ternary_linear, name, x, outputs);
  add_weight(y, true, bias);
  graph_.nodes.back().levels = levels;
  return y;
}

Value GraphBuilder::ternary_conv2d(const std::string& name, Value x, std::int64_t filters,
                                   const Window& window, LatentWeights weights) {
  const Value y = convolution(Operator::ternary_conv2d, name, x, filters, window);
  set_latent(y, std::move(weights));
  return y;
}

Value GraphBuilder::ternary_linear(const std::string& name, Value x, std::int64_t outputs,
                                   LatentWeights weights) {
  const Value y = product(Operator::ternary_linear, name, x, outputs);
  set_latent(y, std::move(weights));
  return y;
}

// Of the shape of its input.
Value GraphBuilder::elementwise(Operator op, const std::string& name, Value x,
                                std::initializer_list<const char*> roles) {
  Node node{name, op, {}, shape(x), {}, {}, {}};
  for (const char* role : roles) add_parameter(node, role, {node.output[-1]});
  return append(std::move(node), {x});
}

Value GraphBuilder::batch_norm(const std::string& name, Value x) {
  return elementwise(Operator::batch_norm, name, x, {"weight", "bias", "running_mean", "running_var"});
}

Value GraphBuilder::prelu(const std::string& name, Value x) {
  return elementwise(Operator::prelu, name, x, {"weight"});
}

Value GraphBuilder::rprelu(const std::string& name, Value x) {
  return elementwise(Operator::rprelu, name, x, {"weight", "shift", "bias"});
}

Value GraphBuilder::relu(const std::string& name, Value x) {
  return elementwise(Operator::relu, name, x, {});
}

Value GraphBuilder::hardtanh(const std::string& name, Value x) {
  return elementwise(Operator::hardtanh, name, x, {});
}

Value GraphBuilder::ternary_activation(const std::string& name, Value x) {
  return elementwise(Operator::ternary_activation, name, x, {});
}

Value GraphBuilder::threshold_activation(const std::string& name, Value x) {
  return elementwise(Operator::threshold_activation, name, x, {"low", "high"});
}

Value GraphBuilder::binary_activation(const std::string& name, Value x) {
  return elementwise(Operator::binary_activation, name, x, {});
}

Value GraphBuilder::add(const std::string& name, Value a, Value b) {
  require<ShapeError>(shape(a) == shape(b), "{}: cannot add {} and {}", name, shape(a), shape(b));
  return append({name, Operator::add, {}, shape(a), {}, {}, {}}, {a, b});
}

Value GraphBuilder::pool(Operator op, const std::string& name, Value x, const Window& window) {
  Node node{name, op, {}, {}, window, {}, {}};
  require_rank(node, shape(x), 3);
  node.output = windowed(node, shape(x), shape(x)[2]);
  return append(std::move(node), {x});
}

Value GraphBuilder::max_pool2d(const std::string& name, Value x, const Window& window) {
  return pool(Operator::max_pool2d, name, x, window);
}

Value GraphBuilder::avg_pool2d(const std::string& name, Value x, const Window& window) {
  return pool(Operator::avg_pool2d, name, x, window);
}

Value GraphBuilder::global_avg_pool2d(const std::string& name, Value x) {
  Node node{name, Operator::global_avg_pool2d, {}, {}, {}, {}, {}};
  require_rank(node, shape(x), 3);
  node.output = {shape(x)[2]};
  return append(std::move(node), {x});
}

Value GraphBuilder::pad_channels(const std::string& name, Value x, std::int64_t channels) {
  Node node{name, Operator::pad_channels, {}, {}, {}, {}, {}};
  require_rank(node, shape(x), 3);
  require_channels(node, channels);
  require<ShapeError>(channels >= shape(x)[2], "{}: cannot pad {} channels to {}", name, shape(x)[2],
                      channels);
  node.output = {shape(x)[0], shape(x)[1], channels};
  return append(std::move(node), {x});
}

Value GraphBuilder::flatten(const std::string& name, Value x) {
  Node node{name, Operator::flatten, {}, {shape(x).numel()}, {}, {}, {}};
  return append(std::move(node), {x});
}

graph::Graph GraphBuilder::finish(Value output) && {
  require<ShapeError>(shape(output).rank() == 1, "{}: the network's result is {}, expected (classes)",
                      graph_.nodes[static_cast<std::size_t>(output.node)].name, shape(output));
  graph_.output = output.node;
  return std::move(graph_);
}

}  // namespace tern
