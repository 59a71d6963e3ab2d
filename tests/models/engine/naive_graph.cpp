#include "tests/models/engine/naive_graph.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "tern/core/safetensors.h"
#include "tern/layers/graph/json.h"
#include "tern/models/model_format.h"
#include "tern/models/packed_weights.h"

namespace tern::test {
namespace {

using graph::Node;
using graph::Operator;
using graph::Parameter;
using Values = std::vector<float>;

float random_value(const Node& node, const Parameter& parameter, std::mt19937& random) {
  const auto uniform = [&](float low, float high) {
    return low + (high - low) * static_cast<float>(random() % 4096) / 4096.0F;
  };
  if (is_ternary(node.op) && parameter.role == "weight") {
    return node.levels == WeightLevels::four ? 2.0F * static_cast<float>(random() % 4) - 3.0F
                                             : static_cast<float>(random() % 3) - 1.0F;
  }
  if (parameter.role == "scale") return uniform(0.01F, 0.1F);
  if (parameter.role == "running_var") return uniform(0.3F, 2);
  const bool slope = node.op == Operator::prelu || node.op == Operator::rprelu;
  if (slope && parameter.role == "weight") return uniform(-0.2F, 0.5F);
  return uniform(-0.6F, 0.6F);
}

/// One window that moves over (H, W, C).
struct Windows {
  const Shape &x, &y;
  graph::Window w;

  /// body(y pixel, tap, x pixel) for every tap inside of the image, in the order of rows and columns.
  template <class Body>
  void for_each(const Body& body) const {
    for (std::int64_t oh = 0; oh < y[0]; ++oh) {
      for (std::int64_t ow = 0; ow < y[1]; ++ow) {
        for (std::int64_t kh = 0; kh < w.height; ++kh) {
          for (std::int64_t kw = 0; kw < w.width; ++kw) {
            const std::int64_t h = oh * w.stride_height - w.padding_height + kh,
                               v = ow * w.stride_width - w.padding_width + kw;
            if (h < 0 || h >= x[0] || v < 0 || v >= x[1]) continue;
            body(oh * y[1] + ow, kh * w.width + kw, h * x[1] + v);
          }
        }
      }
    }
  }
};

class Interpreter {
 public:
  Interpreter(const graph::Graph& graph, const Parameters& parameters, const Values& image)
      : graph_(graph), parameters_(parameters), image_(image) {}

  std::vector<Values> run() {
    for (const Node& node : graph_.nodes) values_.push_back(value(node));
    return std::move(values_);
  }

 private:
  const Values& input(const Node& node, int i = 0) const { return values_[at(node.inputs[at(i)])]; }
  const Shape& input_shape(const Node& node) const { return graph_.nodes[at(node.inputs[0])].output; }
  const Values& weights(const Node& node, const char* role) const {
    return parameters_.at(node.parameter(role).name);
  }
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

  Values value(const Node& node) const {
    switch (node.op) {
      case Operator::input:
        return image_;
      case Operator::flatten:
        return input(node);
      case Operator::conv2d:
      case Operator::linear:
      case Operator::ternary_conv2d:
      case Operator::ternary_linear:
        return product(node);
      case Operator::batch_norm:
      case Operator::prelu:
      case Operator::rprelu:
      case Operator::relu:
      case Operator::hardtanh:
      case Operator::ternary_activation:
      case Operator::threshold_activation:
      case Operator::binary_activation:
        return pointwise(node);
      case Operator::add:
        return sum(node);
      case Operator::pad_channels:
        return padded(node);
      default:
        return pool(node);
    }
  }

  // Ternary sums are integers below 2^24, which floats hold exactly.
  Values product(const Node& node) const {
    const Values &x = input(node), &w = weights(node, "weight");
    const std::int64_t filters = node.output[-1], channels = input_shape(node)[-1];
    Values y(at(node.output.numel()), 0.0F);
    const auto add_tap = [&](std::int64_t pixel, std::int64_t tap, std::int64_t taps, std::int64_t from) {
      for (std::int64_t o = 0; o < filters; ++o) {
        for (std::int64_t c = 0; c < channels; ++c) {
          y[at(pixel * filters + o)] += w[at((o * taps + tap) * channels + c)] * x[at(from * channels + c)];
        }
      }
    };
    if (node.output.rank() == 1) {
      add_tap(0, 0, 1, 0);
    } else {
      const std::int64_t taps = node.window.height * node.window.width;
      Windows{input_shape(node), node.output, node.window}.for_each(
          [&](std::int64_t pixel, std::int64_t tap, std::int64_t from) { add_tap(pixel, tap, taps, from); });
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (is_ternary(node.op)) y[i] = weights(node, "scale")[i % at(filters)] * y[i];
      if (node.find("bias") != nullptr) y[i] += weights(node, "bias")[i % at(filters)];
    }
    return y;
  }

  float normalised(const Node& node, float x, std::size_t c) const {
    const double deviation = std::sqrt(double{weights(node, "running_var")[c]} + double{1e-5F});
    const float gain = weights(node, "weight")[c] * static_cast<float>(1 / deviation);
    return (x - weights(node, "running_mean")[c]) * gain + weights(node, "bias")[c];
  }

  Values pointwise(const Node& node) const {
    Values y = input(node);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t c = i % at(node.output[-1]);
      const float x = y[i];
      if (node.op == Operator::batch_norm) y[i] = normalised(node, x, c);
      if (node.op == Operator::prelu) y[i] = x > 0 ? x : weights(node, "weight")[c] * x;
      if (node.op == Operator::rprelu) {
        const float v = x + weights(node, "shift")[c];
        y[i] = (v > 0 ? v : weights(node, "weight")[c] * v) + weights(node, "bias")[c];
      }
      if (node.op == Operator::threshold_activation) {
        y[i] = static_cast<float>((x >= weights(node, "high")[c]) - (x < weights(node, "low")[c]));
      }
      if (node.op == Operator::relu) y[i] = std::max(x, 0.0F);
      if (node.op == Operator::hardtanh) y[i] = std::clamp(x, -1.0F, 1.0F);
      if (node.op == Operator::ternary_activation) y[i] = x < -0.5F ? -1.0F : x >= 0.5F ? 1.0F : 0.0F;
      if (node.op == Operator::binary_activation) y[i] = x < 0 ? -1.0F : 1.0F;
    }
    return y;
  }

  Values sum(const Node& node) const {
    Values y = input(node);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += input(node, 1)[i];
    return y;
  }

  Values padded(const Node& node) const {
    const std::int64_t from = input_shape(node)[2], to = node.output[2];
    Values y(at(node.output.numel()), 0.0F);
    for (std::size_t i = 0; i < input(node).size(); ++i)
      y[i / at(from) * at(to) + i % at(from)] = input(node)[i];
    return y;
  }

  Values pool(const Node& node) const {
    const Shape& shape = input_shape(node);
    const bool all = node.op == Operator::global_avg_pool2d, largest = node.op == Operator::max_pool2d;
    const Shape output = all ? Shape{1, 1, shape[2]} : node.output;
    const graph::Window window = all ? graph::Window{shape[0], shape[1], 1, 1, 0, 0} : node.window;
    Values y(at(output.numel()), largest ? -INFINITY : 0.0F);
    const std::int64_t channels = shape[2];
    Windows{shape, output, window}.for_each([&](std::int64_t pixel, std::int64_t, std::int64_t from) {
      for (std::int64_t c = 0; c < channels; ++c) {
        float& result = y[at(pixel * channels + c)];
        const float x = input(node)[at(from * channels + c)];
        result = largest ? std::max(result, x) : result + x;
      }
    });
    if (largest) return y;
    for (float& mean : y) mean /= static_cast<float>(window.height * window.width);
    return y;
  }

  const graph::Graph& graph_;
  const Parameters& parameters_;
  const Values& image_;
  std::vector<Values> values_;
};

Values ohwi_to_oihw(const Values& ohwi, const Shape& s) {
  Values oihw(ohwi.size());
  std::size_t from = 0;
  for (std::int64_t o = 0; o < s[0]; ++o) {
    for (std::int64_t k = 0; k < s[1] * s[2]; ++k) {
      for (std::int64_t i = 0; i < s[3]; ++i) {
        oihw[static_cast<std::size_t>((o * s[3] + i) * s[1] * s[2] + k)] = ohwi[from++];
      }
    }
  }
  return oihw;
}

std::pair<std::string, Tensor> stored(const Node& node, const Parameter& parameter, const Values& values) {
  const Shape& shape = parameter.shape;
  if (is_ternary(node.op) && parameter.role == "weight") {
    const std::vector<std::int8_t> weights(values.begin(), values.end());
    return {parameter.name + (node.levels == WeightLevels::four ? ".levels" : ".trits"),
            pack_weights(Tensor::from<std::int8_t>(shape, weights), node.levels)};
  }
  if (is_ternary(node.op) && parameter.role == "scale") {
    return {node.name + ".weight.scale", Tensor::from<float>(shape, values)};
  }
  if (shape.rank() != 4) return {parameter.name, Tensor::from<float>(shape, values)};
  return {parameter.name,
          Tensor::from<float>({shape[0], shape[3], shape[1], shape[2]}, ohwi_to_oihw(values, shape))};
}

}  // namespace

Parameters random_parameters(const graph::Graph& graph, std::uint32_t seed) {
  std::mt19937 random(seed);
  Parameters parameters;
  for (const Node& node : graph.nodes) {
    for (const Parameter& parameter : node.parameters) {
      Values values(static_cast<std::size_t>(parameter.shape.numel()));
      for (float& value : values) value = random_value(node, parameter, random);
      parameters.emplace(parameter.name, std::move(values));
    }
  }
  return parameters;
}

std::string file_of(const graph::Graph& graph, const Parameters& parameters) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const Node& node : graph.nodes) {
    for (const Parameter& parameter : node.parameters) {
      tensors.push_back(stored(node, parameter, parameters.at(parameter.name)));
    }
  }
  return safetensors_bytes(
      {{"format", "tern-merged"}, {"format_version", model_format_version(graph)}, {"graph", to_json(graph)}},
      tensors);
}

std::vector<std::vector<float>> naive_values(const graph::Graph& graph, const Parameters& parameters,
                                             const std::vector<float>& image) {
  return Interpreter(graph, parameters, image).run();
}

}  // namespace tern::test
