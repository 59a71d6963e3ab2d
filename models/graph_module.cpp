#include "tern/models/graph_module.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/kernels/precision.h"
#include "tern/layers/functions/add.h"
#include "tern/layers/functions/avg_pool2d.h"
#include "tern/layers/functions/batch_norm.h"
#include "tern/layers/functions/cast.h"
#include "tern/layers/functions/conv2d.h"
#include "tern/layers/functions/global_avg_pool2d.h"
#include "tern/layers/functions/hardtanh.h"
#include "tern/layers/functions/linear.h"
#include "tern/layers/functions/max_pool2d.h"
#include "tern/layers/functions/pad_channels.h"
#include "tern/layers/functions/prelu.h"
#include "tern/layers/functions/relu.h"
#include "tern/layers/functions/reshape.h"
#include "tern/layers/functions/ternary_activation.h"
#include "tern/layers/functions/ternary_conv2d.h"
#include "tern/layers/functions/threshold_activation.h"
#include "tern/models/buffer_tree.h"

namespace tern {
namespace {

using graph::Operator;
using graph::Window;

void check_ternary(const graph::Node& node, const Tensor& weight, const Tensor& scale) {
  const bool four = node.levels == WeightLevels::four;
  for (const int w : weight.to_vector<std::int8_t>()) {
    const int magnitude = std::abs(w);
    require<DataError>(four ? magnitude == 1 || magnitude == 3 : magnitude <= 1, "{}: weight {} is not {}",
                       node.name, w, four ? "one of -3, -1, 1 and 3" : "ternary");
  }
  for (const float s : scale.to_vector<float>()) {
    require<DataError>(std::isfinite(s) && s >= 0, "{}: scale {} is not a finite number >= 0", node.name, s);
  }
}

// The kernels of training know square windows alone.
std::pair<int, int> square_steps(const graph::Node& node) {
  const Window& w = node.window;
  require<Error>(
      w.stride_height == w.stride_width && w.padding_height == w.padding_width,
      "{}: layers compute equal strides and paddings in both directions; the engine (tern-predict) has "
      "no such limit",
      node.name);
  return {static_cast<int>(w.stride_height), static_cast<int>(w.padding_height)};
}

Conv2dParameters convolution_parameters(const graph::Node& node) {
  const auto [stride, padding] = square_steps(node);
  return {stride, padding};
}

kernels::PoolWindow pool_window(const graph::Node& node) {
  const auto [stride, padding] = square_steps(node);
  require<Error>(node.window.height == node.window.width,
                 "{}: layers pool square windows; the engine (tern-predict) has no such limit", node.name);
  return {node.window.height, stride, padding};
}

}  // namespace

GraphModule::GraphModule(MergedNetwork network) : graph_(std::move(network.graph)) {
  require<Error>(graph_.merged(), "GraphModule: the network is not merged; merge() makes such a graph");
  auto& root = add_unnamed(std::make_unique<BufferTree>());
  for (const graph::Node& node : graph_.nodes) {
    for (const graph::Parameter& parameter : node.parameters) {
      const auto found = network.state.find(parameter.name);
      require<DataError>(found != network.state.end(), "tensor {} of the network is missing", parameter.name);
      const DType dtype = is_ternary(node.op) && parameter.role == "weight" ? DType::i8 : DType::f32;
      const Tensor& tensor = found->second;
      require<DataError>(tensor.dtype() == dtype && tensor.shape() == parameter.shape,
                         "tensor {} is {} {}, expected {} {}", parameter.name, tensor.dtype(), tensor.shape(),
                         dtype, parameter.shape);
      tensors_.emplace(parameter.name, &root.add(parameter.name, tensor));
    }
    if (is_ternary(node.op)) check_ternary(node, tensor(node, "weight"), tensor(node, "scale"));
  }
  find_fused();
  train(false);
}

const Tensor& GraphModule::tensor(const graph::Node& node, std::string_view role) const {
  return *tensors_.at(node.parameter(role).name);
}

Variable GraphModule::parameter(const graph::Node& node, std::string_view role) const {
  return node.find(role) == nullptr ? Variable() : Variable(tensor(node, role));
}

const graph::Node& GraphModule::input_of(const graph::Node& node, std::size_t i) const {
  return graph_.nodes[static_cast<std::size_t>(node.inputs[i])];
}

MergedNetwork GraphModule::merged() const {
  MergedNetwork network{graph_, {}};
  for (const auto& [name, tensor] : tensors_) network.state.emplace(name, *tensor);
  return network;
}

Value GraphModule::trace(GraphBuilder&, Value) const {
  throw Error("GraphModule: it has a graph already; see graph()");
}

// Marks the nodes whose values nobody but the end of a fused chain reads:
//   batch_norm -> ternary_activation,   ternary_conv2d -> batch_norm -> add(., shortcut) -> prelu
void GraphModule::find_fused() {
  const auto consumers = graph_.consumers();
  const std::size_t count = graph_.nodes.size();
  fused_away_.assign(count, false);
  fuses_.assign(count, false);
  const auto only_for = [&](int node, int reader) {
    const auto& readers = consumers[static_cast<std::size_t>(node)];
    return readers.size() == 1 && readers[0] == reader;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const graph::Node& node = graph_.nodes[i];
    const auto is = [&](int input, Operator op) {
      return graph_.nodes[static_cast<std::size_t>(input)].op == op;
    };
    std::vector<int> chain;
    if (node.op == Operator::ternary_activation && is(node.inputs[0], Operator::batch_norm)) {
      chain = {node.inputs[0]};
    } else if ((node.op == Operator::prelu || node.op == Operator::rprelu) &&
               is(node.inputs[0], Operator::add)) {
      const graph::Node& sum = input_of(node);
      if (!is(sum.inputs[0], Operator::batch_norm)) continue;
      const graph::Node& norm = input_of(sum);
      if (!is(norm.inputs[0], Operator::ternary_conv2d) || input_of(norm).find("bias") != nullptr) continue;
      chain = {node.inputs[0], sum.inputs[0], norm.inputs[0]};
    }
    int reader = static_cast<int>(i);
    const bool all_ours = std::all_of(chain.begin(), chain.end(),
                                      [&](int part) { return only_for(part, std::exchange(reader, part)); });
    if (chain.empty() || !all_ours) continue;
    fuses_[i] = true;
    for (const int part : chain) fused_away_[static_cast<std::size_t>(part)] = true;
  }
  last_use_.assign(count, count);
  for (std::size_t i = 0; i < count; ++i) {
    // What a fused chain reads is read where the chain is computed, which is at its end.
    for (const int input : graph_.nodes[i].inputs) {
      std::size_t reader = i;
      while (fused_away_[reader]) reader = static_cast<std::size_t>(consumers[reader][0]);
      std::size_t& last = last_use_[static_cast<std::size_t>(input)];
      last = last == count ? reader : std::max(last, reader);
    }
  }
  last_use_[static_cast<std::size_t>(graph_.output)] = count;
}

BatchNormArguments GraphModule::batch_norm_arguments(const graph::Node& node) const {
  return {parameter(node, "weight"),
          parameter(node, "bias"),
          {tensor(node, "running_mean"), tensor(node, "running_var")},
          false,
          node.name,
          Tensor()};
}

// A convolution of one pixel.
Variable GraphModule::ternary_linear(const graph::Node& node, const Variable& x) const {
  const std::int64_t images = x.shape()[0], inputs = x.shape()[1], outputs = node.output[0];
  const Variable y = scaled_ternary_conv2d(
      reshape(x, {images, 1, 1, inputs}), reshape(parameter(node, "weight"), {outputs, 1, 1, inputs}),
      parameter(node, "scale"), parameter(node, "bias"), {1, 0}, node.levels);
  return reshape(y, {images, outputs});
}

TernaryVariable GraphModule::compute_fused(const graph::Node& node, const Values& values) const {
  const auto value = [&](const graph::Node& reader, std::size_t i) -> const TernaryVariable& {
    return values[static_cast<std::size_t>(reader.inputs[i])];
  };
  const graph::Node& before = input_of(node);
  if (node.op == Operator::ternary_activation) {
    return batch_norm_ternary(value(before, 0).values, batch_norm_arguments(before));
  }
  const graph::Node& norm = input_of(before);
  const graph::Node& conv = input_of(norm);
  const IntegerVariable z = integer_convolution(value(conv, 0), parameter(conv, "weight"),
                                                convolution_parameters(conv), false, conv.levels);
  if (node.op == Operator::rprelu) {
    return scale_batch_norm_add_rprelu(z, tensor(conv, "scale"), batch_norm_arguments(norm),
                                       value(before, 1).values, parameter(node, "weight"),
                                       parameter(node, "shift"), parameter(node, "bias"));
  }
  return scale_batch_norm_add_prelu(z, tensor(conv, "scale"), batch_norm_arguments(norm),
                                    value(before, 1).values, parameter(node, "weight"));
}

TernaryVariable GraphModule::compute(const graph::Node& node, const Values& values) const {
  const TernaryVariable& x = values[static_cast<std::size_t>(node.inputs[0])];
  switch (node.op) {
    case Operator::conv2d:
      return conv2d(x.values, parameter(node, "weight"), parameter(node, "bias"),
                    convolution_parameters(node));
    case Operator::linear:
      return linear(x.values, parameter(node, "weight"), parameter(node, "bias"));
    case Operator::ternary_conv2d:
      return scaled_ternary_conv2d(x, parameter(node, "weight"), parameter(node, "scale"),
                                   parameter(node, "bias"), convolution_parameters(node), node.levels);
    case Operator::ternary_linear:
      return ternary_linear(node, x.values);
    case Operator::batch_norm:
      return batch_norm(x.values, batch_norm_arguments(node));
    case Operator::prelu:
      return prelu(x.values, parameter(node, "weight"));
    case Operator::rprelu:
      return rprelu(x.values, parameter(node, "weight"), parameter(node, "shift"), parameter(node, "bias"));
    case Operator::relu:
      return relu(x.values);
    case Operator::hardtanh:
      return hardtanh(x.values);
    case Operator::ternary_activation:
      return ternary_activation(x.values);
    case Operator::threshold_activation:
      return threshold_activation(x.values, parameter(node, "low"), parameter(node, "high"));
    case Operator::binary_activation:
      return binary_activation(x.values);
    case Operator::add:
      return add(x.values, values[static_cast<std::size_t>(node.inputs[1])].values);
    case Operator::max_pool2d:
      return max_pool2d(x.values, pool_window(node));
    case Operator::avg_pool2d:
      return avg_pool2d(x.values, pool_window(node));
    case Operator::global_avg_pool2d:
      return global_avg_pool2d(x.values);
    case Operator::pad_channels:
      return pad_channels(x.values, node.output[-1]);
    case Operator::flatten:
      return flatten(x.values);
    case Operator::input:
      break;
  }
  throw Error(fmt::format("{}: GraphModule cannot run {}", node.name, to_string(node.op)));
}

Variable GraphModule::forward(const Variable& x) {
  Values values(graph_.nodes.size(), TernaryVariable(Variable()));
  values[0] = cast(x, kernels::activation_dtype());
  std::vector<std::vector<std::size_t>> done(
      graph_.nodes.size());  // values that are not read after this node
  for (std::size_t i = 0; i < last_use_.size(); ++i) {
    if (last_use_[i] < done.size()) done[last_use_[i]].push_back(i);
  }
  for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
    if (fused_away_[i]) continue;
    const graph::Node& node = graph_.nodes[i];
    values[i] = fuses_[i] ? compute_fused(node, values) : compute(node, values);
    for (const std::size_t dead : done[i]) values[dead] = TernaryVariable(Variable());
  }
  return values[static_cast<std::size_t>(graph_.output)].values;
}

}  // namespace tern
