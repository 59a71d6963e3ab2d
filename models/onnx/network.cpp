#include "tern/models/onnx/network.h"

#include <map>

#include "tern/core/error.h"
#include "tern/kernels/batch_norm_terms.h"
#include "tern/layers/state_dict.h"
#include "tern/models/onnx/graph.h"
#include "tern/models/stem.h"

namespace tern {
namespace {

using onnx::Extents;

// (O, KH, KW, I) to (O, I, KH, KW)
template <class T>
std::vector<T> channels_first(const Tensor& weight) {
  const std::vector<T> from = weight.to_vector<T>();
  const std::int64_t pixels = weight.dim(1) * weight.dim(2), channels = weight.dim(3);
  std::vector<T> to(from.size());
  for (std::int64_t i = 0; i < weight.numel(); ++i) {
    const std::int64_t filter = i / (pixels * channels), pixel = i / channels % pixels,
                       channel = i % channels;
    to[static_cast<std::size_t>((filter * channels + channel) * pixels + pixel)] =
        from[static_cast<std::size_t>(i)];
  }
  return to;
}

Extents channels_first_shape(const Tensor& weight) {
  return {weight.dim(0), weight.dim(3), weight.dim(1), weight.dim(2)};
}

onnx::Attributes window(std::int64_t size, std::int64_t stride, std::int64_t padding) {
  return {{"kernel_shape", Extents{size, size}},
          {"strides", Extents{stride, stride}},
          {"pads", Extents{padding, padding, padding, padding}}};
}

// Writes the network from its input to its output. Functions take the name of a value and return that of
// another.
class Exporter {
 public:
  Exporter(const Module& network, const ResNetConfig& config) : config_(config) {
    for (const StateEntry& entry : state_dict(network)) tensors_.emplace(entry.name, entry.tensor);
    for (const float threshold : {-0.5F, 0.5F}) {
      graph_.constant(threshold < 0 ? "lower" : "upper", {}, std::vector<float>{threshold});
    }
    graph_.constant("one", {}, std::vector<float>{1});
  }

  std::string model(const Metadata& metadata) {
    std::string x = stem(graph_.input("images", {3, config_.input_size, config_.input_size}));
    std::int64_t channels = config_.widths.front();
    int index = config_.stem == Stem::imagenet ? 4 : 3;  // of the first block in "features"
    for (std::size_t stage = 0; stage < config_.widths.size(); ++stage) {
      for (std::int64_t i = 0; i < config_.depths[stage]; ++i, ++index) {
        const int stride = stage > 0 && i == 0 ? 2 : 1;
        x = block("features." + std::to_string(index), x, stride, config_.widths[stage] - channels);
        channels = config_.widths[stage];
      }
    }
    head(x);
    graph_.output("logits", {config_.classes});
    return graph_.model("ternary_resnet", metadata);
  }

 private:
  std::string stem(const std::string& images) {
    std::string x = patch_product("features.0", images, stem_convolution(config_));
    x = prelu("features.2", batch_norm("features.1", x));
    if (config_.stem == Stem::cifar) return x;
    return graph_.node("MaxPool", "features.3", {x},
                       window(kStemPool.size, kStemPool.stride, kStemPool.padding));
  }

  // A convolution in floats, written as patches (a convolution with one-hot filters, which copies) times a
  // matrix: runtimes add up the products of a matrix product in one chain, and the chain here is that of Tern
  // on the CPU, over rows, columns and channels. What a Conv adds up first differs from runtime to runtime.
  std::string patch_product(const std::string& name, const std::string& x, const Conv2dOptions& options) {
    const Tensor& weight = tensors_.at(name + ".weight");
    const std::int64_t filters = weight.dim(0), products = weight.numel() / filters;
    std::vector<float> one_hot(static_cast<std::size_t>(products * products));
    for (std::int64_t i = 0; i < products; ++i) one_hot[static_cast<std::size_t>(i * products + i)] = 1;
    const Tensor select =
        Tensor::from<float>({products, weight.dim(1), weight.dim(2), weight.dim(3)}, one_hot);
    const std::string selecting =
        graph_.constant(name + ".select", channels_first_shape(select), channels_first<float>(select));
    const std::string patches = graph_.node("Conv", name + ".patches", {x, selecting},
                                            window(options.kernel_size, options.stride, options.padding));
    const std::string w = graph_.constant(name + ".weight", {filters, products}, weight.to_vector<float>());
    const std::string columns = transpose(name + ".weight.columns", w, {1, 0});
    const std::string rows = transpose(name + ".patches.channels_last", patches, {0, 2, 3, 1});
    const std::string product = graph_.node("MatMul", name + ".channels_last", {rows, columns});
    return transpose(name, product, {0, 3, 1, 2});
  }

  std::string transpose(const std::string& name, const std::string& x, const Extents& axes) {
    return graph_.node("Transpose", name, {x}, {{"perm", axes}});
  }

  // SttnBlock, which names the layers
  std::string block(const std::string& name, const std::string& x, int stride, std::int64_t new_channels) {
    std::string shortcut = x;
    if (stride > 1)
      shortcut = graph_.node("MaxPool", name + ".shortcut.pool", {shortcut}, window(2, stride, 0));
    if (new_channels > 0) {
      const std::string pads =
          graph_.constant(name + ".shortcut.pads", {8}, Extents{0, 0, 0, 0, 0, new_channels, 0, 0});
      shortcut = graph_.node("Pad", name + ".shortcut.pad", {shortcut, pads});
    }
    const std::string middle = half(name, "1", x, stride, shortcut);
    return half(name, "2", middle, 1, middle);
  }

  std::string half(const std::string& block, const std::string& number, const std::string& x, int stride,
                   const std::string& shortcut) {
    const std::string ternary =
        ternary_activation(block + ".ternary" + number, batch_norm(block + ".bn" + number, x));
    const std::string convolved = ternary_convolution(block + ".conv" + number, ternary, stride);
    const std::string normalised = batch_norm(block + ".bn_add" + number, convolved);
    const std::string sum = graph_.node("Add", block + ".add" + number, {normalised, shortcut});
    return prelu(block + ".prelu" + number, sum);
  }

  // (t >= 0.5) - (t < -0.5)
  std::string ternary_activation(const std::string& name, const std::string& t) {
    const auto as_float = [&](const std::string& op, const std::string& threshold) {
      const std::string holds = graph_.node(op, name + "." + threshold + ".holds", {t, threshold});
      return graph_.node("Cast", name + "." + threshold, {holds},
                         {{"to", static_cast<std::int64_t>(onnx::DataType::float32)}});
    };
    const std::string plus = as_float("GreaterOrEqual", "upper"), minus = as_float("Less", "lower");
    return graph_.node("Sub", name, {plus, minus});
  }

  std::string ternary_convolution(const std::string& name, const std::string& x, int stride) {
    const Tensor& weight = tensors_.at(name + ".weight");
    const std::string w =
        graph_.constant(name + ".weight", channels_first_shape(weight), channels_first<std::int8_t>(weight));
    const std::string as_float = graph_.node("DequantizeLinear", name + ".weight.float", {w, "one"});
    const std::string z = graph_.node("Conv", name + ".z", {x, as_float}, window(weight.dim(1), stride, 1));
    return graph_.node("Mul", name, {z, per_channel(name + ".scale", tensors_.at(name + ".scale"))});
  }

  // (x - mean) * gain + beta
  std::string batch_norm(const std::string& name, const std::string& x) {
    const auto tensor = [&](const char* part) { return tensors_.at(name + "." + part); };
    const kernels::BatchNormTerms terms = kernels::evaluation_terms(
        {tensor("weight"), tensor("bias"), {}, {}}, {tensor("running_mean"), tensor("running_var")});
    std::vector<float> gain = tensor("weight").to_vector<float>();
    const std::vector<float> inv_std = terms.inv_std.to_vector<float>();
    for (std::size_t c = 0; c < gain.size(); ++c) gain[c] *= inv_std[c];
    const auto channels = static_cast<std::int64_t>(gain.size());
    const std::string centred =
        graph_.node("Sub", name + ".centred", {x, per_channel(name + ".mean", terms.mean)});
    const std::string scaled = graph_.node(
        "Mul", name + ".scaled", {centred, graph_.constant(name + ".gain", {channels, 1, 1}, gain)});
    return graph_.node("Add", name, {scaled, per_channel(name + ".bias", tensor("bias"))});
  }

  std::string prelu(const std::string& name, const std::string& x) {
    return graph_.node("PRelu", name, {x, per_channel(name + ".weight", tensors_.at(name + ".weight"))});
  }

  void head(const std::string& x) {
    const Tensor &weight = tensors_.at("fc.weight"), &bias = tensors_.at("fc.bias");
    const std::string averages = graph_.node("GlobalAveragePool", "avgpool", {x});
    const std::string features = graph_.node("Flatten", "features", {averages});
    const std::string w =
        graph_.constant("fc.weight", {weight.dim(0), weight.dim(1)}, weight.to_vector<float>());
    const std::string b = graph_.constant("fc.bias", {bias.dim(0)}, bias.to_vector<float>());
    graph_.node("Gemm", "logits", {features, w, b}, {{"transB", std::int64_t{1}}});
  }

  // (C) as (C, 1, 1), which meets the channels of (N, C, H, W)
  std::string per_channel(const std::string& name, const Tensor& values) {
    return graph_.constant(name, {values.dim(0), 1, 1}, values.to_vector<float>());
  }

  const ResNetConfig& config_;
  std::map<std::string, Tensor> tensors_;
  onnx::Graph graph_;
};

}  // namespace

std::string onnx_model(const Module& network, const ResNetConfig& config, const Metadata& metadata) {
  require<ConfigError>(config.block == BlockKind::ternary,
                       "onnx: only merged networks (block \"ternary\") can be exported");
  return Exporter(network, config).model(metadata);
}

}  // namespace tern
