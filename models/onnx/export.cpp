#include "tern/models/onnx/export.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/kernels/batch_norm_terms.h"
#include "tern/models/onnx/layout.h"
#include "tern/models/onnx/model_writer.h"

namespace tern {
namespace {

using graph::Node;
using graph::Operator;
using onnx::Attributes;
using onnx::Extents;

Attributes window_attributes(const graph::Window& w) {
  return {
      {"kernel_shape", Extents{w.height, w.width}},
      {"strides", Extents{w.stride_height, w.stride_width}},
      {"pads",
       Extents{w.padding_height, w.padding_width, w.padding_height, w.padding_width}},  // begins, ends
  };
}

// Writes one node after the other. Functions that end in a value's name append operators and return it.
class Exporter {
 public:
  Exporter(const graph::Graph& graph, const std::map<std::string, Tensor>& state)
      : graph_(graph), state_(state) {}

  std::string model(const Metadata& metadata) {
    for (const Node& node : graph_.nodes) values_.push_back(append(node));
    writer_.output(values_[static_cast<std::size_t>(graph_.output)], {graph_.classes()});
    return writer_.model("tern", metadata);
  }

 private:
  std::string append(const Node& node) {
    require<Error>(node.method.empty(),
                   "onnx: {}: its weights are still trained ({}); only merged networks are exported, see "
                   "tern-merge",
                   node.name, node.method);
    switch (node.op) {
      case Operator::input:
        return writer_.input(node.name, onnx::channels_first_image(node.output));
      case Operator::conv2d:
        return sums_in_order(node) ? patch_product(node) : convolution(node);
      case Operator::linear:
        return gemm(node, name_of(node), constant(node, "weight"), optional_constant(node, "bias"));
      case Operator::ternary_conv2d:
      case Operator::ternary_linear:
        return ternary_product(node);
      case Operator::batch_norm:
        return batch_norm(node);
      case Operator::prelu:
        return writer_.append("PRelu", name_of(node), {input_of(node), per_channel(node, "weight")});
      case Operator::rprelu:
        return rprelu(node);
      case Operator::relu:
        return writer_.append("Relu", name_of(node), {input_of(node)});
      case Operator::hardtanh:
        return writer_.append("Clip", name_of(node), {input_of(node), scalar(-1), scalar(1)});
      case Operator::ternary_activation:
        return activation(node, scalar(-0.5F), scalar(0.5F));
      case Operator::threshold_activation:
        return activation(node, per_channel(node, "low"), per_channel(node, "high"));
      case Operator::binary_activation:
        return binary_activation(node);
      case Operator::add:
        return writer_.append("Add", name_of(node), {input_of(node, 0), input_of(node, 1)});
      case Operator::max_pool2d:
        return writer_.append("MaxPool", name_of(node), {input_of(node)}, window_attributes(node.window));
      case Operator::avg_pool2d:
        return average_pool(node);
      case Operator::global_avg_pool2d:
        return writer_.append("Flatten", name_of(node),
                              {writer_.append("GlobalAveragePool", node.name + ".mean", {input_of(node)})});
      case Operator::pad_channels:
        return pad_channels(node);
      case Operator::flatten:
        return flatten(node);
    }
    throw Error(fmt::format("onnx: {}: unknown operator", node.name));
  }

  // --- Convolutions and linear layers

  std::string convolution(const Node& node) {
    std::vector<std::string> inputs{input_of(node), filters(node)};
    if (node.find("bias") != nullptr) inputs.push_back(constant(node, "bias"));
    return writer_.append("Conv", name_of(node), inputs, window_attributes(node.window));
  }

  // Whether a matrix product sums this convolution as Tern's layers do on the CPU. They add in the order row,
  // column, channel, but 8 channels at a time on CPUs without AVX-512; onnxruntime adds up a matrix product
  // from the first term to the last, but 256 terms at a time.
  static bool sums_in_order(const Node& node) {
    constexpr std::int64_t kMostChannels = 8, kMostTerms = 256;
    const Shape& weight = node.parameter("weight").shape;  // (O, KH, KW, I)
    return weight[3] <= kMostChannels && weight[1] * weight[2] * weight[3] <= kMostTerms;
  }

  // A convolution written as patches (a convolution with one-hot filters, which copies) times a matrix,
  // because the order in which a Conv adds differs from runtime to runtime. So its sums, and every threshold
  // behind them, are those of Tern's layers on the CPU.
  std::string patch_product(const Node& node) {
    const Tensor weight = tensor(node, "weight", DType::f32);  // (O, KH, KW, I)
    const std::int64_t outputs = weight.dim(0), products = weight.numel() / outputs;
    const std::string patches = writer_.append(
        "Conv", node.name + ".patches", {input_of(node), one_hot_filters(node, products, weight.shape())},
        window_attributes(node.window));
    const std::string w =
        writer_.constant(node.name + ".weight", {outputs, products}, weight.to_vector<float>());
    const std::string columns = transpose(node.name + ".weight.columns", w, {1, 0});
    const std::string rows = transpose(node.name + ".patches.channels_last", patches, {0, 2, 3, 1});
    const std::string product = writer_.append("MatMul", node.name + ".channels_last", {rows, columns});
    if (node.find("bias") == nullptr) return transpose(name_of(node), product, {0, 3, 1, 2});
    const std::string sums = transpose(node.name + ".product", product, {0, 3, 1, 2});
    return writer_.append("Add", name_of(node), {sums, per_channel(node, "bias")});
  }

  // As many filters of shape (KH, KW, I) as such a filter has elements; filter i copies element i.
  std::string one_hot_filters(const Node& node, std::int64_t products, const Shape& weight) {
    std::vector<float> one_hot(static_cast<std::size_t>(products * products));
    for (std::int64_t i = 0; i < products; ++i) one_hot[static_cast<std::size_t>(i * products + i)] = 1;
    const Shape shape{products, weight[1], weight[2], weight[3]};
    return writer_.constant(node.name + ".select", onnx::channels_first(shape),
                            onnx::channels_first(shape, one_hot));
  }

  // scale * z + bias, z being sums of integers.
  std::string ternary_product(const Node& node) {
    const std::string weight =
        writer_.append("DequantizeLinear", node.name + ".weight.float", {ternary_weight(node), scalar(1)});
    const std::string z = node.op == Operator::ternary_linear
                              ? gemm(node, node.name + ".z", weight, "")
                              : writer_.append("Conv", node.name + ".z", {input_of(node), weight},
                                               window_attributes(node.window));
    if (node.find("bias") == nullptr)
      return writer_.append("Mul", name_of(node), {z, per_channel(node, "scale")});
    const std::string scaled = writer_.append("Mul", node.name + ".scaled", {z, per_channel(node, "scale")});
    return writer_.append("Add", name_of(node), {scaled, per_channel(node, "bias")});
  }

  std::string ternary_weight(const Node& node) {
    const Tensor weight = tensor(node, "weight", DType::i8);
    const std::vector<std::int8_t> values = weight.to_vector<std::int8_t>();
    const std::string name = node.name + ".weight";
    if (node.op == Operator::ternary_linear)
      return writer_.constant(name, {weight.dim(0), weight.dim(1)}, values);
    return writer_.constant(name, onnx::channels_first(weight.shape()),
                            onnx::channels_first(weight.shape(), values));
  }

  std::string filters(const Node& node) {
    const Tensor weight = tensor(node, "weight", DType::f32);
    return writer_.constant(node.name + ".weight", onnx::channels_first(weight.shape()),
                            onnx::channels_first(weight.shape(), weight.to_vector<float>()));
  }

  // x (N, I) times the weight (O, I), plus the bias unless that is "".
  std::string gemm(const Node& node, const std::string& name, const std::string& weight,
                   const std::string& bias) {
    std::vector<std::string> inputs{input_of(node), weight};
    if (!bias.empty()) inputs.push_back(bias);
    return writer_.append("Gemm", name, inputs, {{"transB", std::int64_t{1}}});
  }

  // --- Elementwise operators

  // (x - mean) * gain + bias
  std::string batch_norm(const Node& node) {
    const auto part = [&](const char* role) { return tensor(node, role, DType::f32); };
    const kernels::BatchNormTerms terms = kernels::evaluation_terms(
        {part("weight"), part("bias"), {}, {}}, {part("running_mean"), part("running_var")});
    std::vector<float> gain = part("weight").to_vector<float>();
    const std::vector<float> inv_std = terms.inv_std.to_vector<float>();
    for (std::size_t c = 0; c < gain.size(); ++c) gain[c] *= inv_std[c];
    const std::string mean = per_channel(node, "mean", terms.mean.to_vector<float>());
    const std::string centred = writer_.append("Sub", node.name + ".centred", {input_of(node), mean});
    const std::string scaled =
        writer_.append("Mul", node.name + ".scaled", {centred, per_channel(node, "gain", gain)});
    return writer_.append("Add", name_of(node), {scaled, per_channel(node, "bias")});
  }

  // prelu(x + shift) + bias
  std::string rprelu(const Node& node) {
    const std::string shifted =
        writer_.append("Add", node.name + ".shifted", {input_of(node), per_channel(node, "shift")});
    const std::string prelu =
        writer_.append("PRelu", node.name + ".prelu", {shifted, per_channel(node, "weight")});
    return writer_.append("Add", name_of(node), {prelu, per_channel(node, "bias")});
  }

  // (x >= high) - (x < low)
  std::string activation(const Node& node, const std::string& low, const std::string& high) {
    const auto as_float = [&](const std::string& op, const std::string& name, const std::string& threshold) {
      const std::string holds = writer_.append(op, node.name + name + ".holds", {input_of(node), threshold});
      return writer_.append("Cast", node.name + name, {holds},
                            {{"to", static_cast<std::int64_t>(onnx::DataType::float32)}});
    };
    const std::string plus = as_float("GreaterOrEqual", ".upper", high);
    const std::string minus = as_float("Less", ".lower", low);
    return writer_.append("Sub", name_of(node), {plus, minus});
  }

  // x < 0 ? -1 : 1
  std::string binary_activation(const Node& node) {
    const std::string negative = writer_.append("Less", node.name + ".negative", {input_of(node), scalar(0)});
    return writer_.append("Where", name_of(node), {negative, scalar(-1), scalar(1)});
  }

  // --- Pools and shapes

  std::string average_pool(const Node& node) {
    Attributes attributes = window_attributes(node.window);
    attributes.emplace_back("count_include_pad", std::int64_t{1});
    return writer_.append("AveragePool", name_of(node), {input_of(node)}, attributes);
  }

  std::string pad_channels(const Node& node) {
    const std::int64_t added = node.output[2] - shape_of_input(node)[2];
    const std::string pads =
        writer_.constant(node.name + ".pads", {8}, Extents{0, 0, 0, 0, 0, added, 0, 0});  // begins, ends
    return writer_.append("Pad", name_of(node), {input_of(node), pads});
  }

  // Tern flattens (H, W, C), so that is what an image is transposed to first.
  std::string flatten(const Node& node) {
    std::string x = input_of(node);
    if (shape_of_input(node).rank() == 3) x = transpose(node.name + ".channels_last", x, {0, 2, 3, 1});
    return writer_.append("Flatten", name_of(node), {x});
  }

  std::string transpose(const std::string& name, const std::string& x, const Extents& axes) {
    return writer_.append("Transpose", name, {x}, {{"perm", axes}});
  }

  // --- Values and constants

  const Node& input_node(const Node& node, std::size_t i) const {
    return graph_.nodes[static_cast<std::size_t>(node.inputs[i])];
  }
  const Shape& shape_of_input(const Node& node) const { return input_node(node, 0).output; }
  const std::string& input_of(const Node& node, std::size_t i = 0) const {
    return values_[static_cast<std::size_t>(node.inputs[i])];
  }
  /// Of the value that the node computes.
  std::string name_of(const Node& node) const {
    return &node == &graph_.nodes[static_cast<std::size_t>(graph_.output)] ? "logits" : node.name;
  }

  Tensor tensor(const Node& node, const char* role, DType dtype) const {
    const graph::Parameter& parameter = node.parameter(role);
    const auto found = state_.find(parameter.name);
    require<DataError>(found != state_.end(), "onnx: {}: tensor {} is missing", node.name, parameter.name);
    const Tensor& tensor = found->second;
    require<DataError>(tensor.shape() == parameter.shape && tensor.dtype() == dtype,
                       "onnx: {}: tensor {} is {} {}, expected {} {}", node.name, parameter.name,
                       tensor.dtype(), tensor.shape(), dtype, parameter.shape);
    return tensor.to(Device{});
  }

  /// The parameter as it is, f32.
  std::string constant(const Node& node, const std::string& role) {
    const Tensor values = tensor(node, role.c_str(), DType::f32);
    Extents shape;
    for (int i = 0; i < values.shape().rank(); ++i) shape.push_back(values.dim(i));
    return writer_.constant(node.name + "." + role, shape, values.to_vector<float>());
  }
  std::string optional_constant(const Node& node, const std::string& role) {
    return node.find(role) == nullptr ? "" : constant(node, role);
  }

  /// Values (C) in the shape that meets the channels of the node's result: (C, 1, 1) for an image.
  std::string per_channel(const Node& node, const std::string& name, const std::vector<float>& values) {
    Extents shape(static_cast<std::size_t>(node.output.rank()), 1);
    shape.front() = static_cast<std::int64_t>(values.size());
    return writer_.constant(node.name + "." + name, shape, values);
  }
  std::string per_channel(const Node& node, const char* role) {
    return per_channel(node, role, tensor(node, role, DType::f32).to_vector<float>());
  }

  /// A constant that nodes share.
  std::string scalar(float value) {
    const auto [found, is_new] = scalars_.try_emplace(value, fmt::format("constant.{}", value));
    return is_new ? writer_.constant(found->second, {}, std::vector<float>{value}) : found->second;
  }

  const graph::Graph& graph_;
  const std::map<std::string, Tensor>& state_;
  onnx::ModelWriter writer_;
  std::vector<std::string> values_;       // of the nodes so far, their names in the model
  std::map<float, std::string> scalars_;  // names, by value
};

}  // namespace

std::string onnx_model(const graph::Graph& graph, const std::map<std::string, Tensor>& state,
                       const Metadata& metadata) {
  return Exporter(graph, state).model(metadata);
}

}  // namespace tern
