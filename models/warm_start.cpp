#include "tern/models/warm_start.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "tern/core/dotted_path.h"
#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/ternary/ternary_weights.h"

namespace tern {
namespace {

/// The weights of a layer, of either kind.
struct LayerWeights {
  std::string method;  // empty: floats
  WeightLevels levels = WeightLevels::three;
  std::vector<std::string> names;  // of the parameters
  std::function<FloatWeights()> to_float;
};

/// A convolution or linear layer in floats: weight and perhaps bias.
std::map<std::string, Variable> float_weights(const ParameterContainer& container) {
  std::map<std::string, Variable> own;
  for (const auto& [name, variable] : container.named_parameters(false)) own.emplace(name, variable);
  const auto weight = own.find("weight");
  const int rank = weight == own.end() ? 0 : weight->second.shape().rank();
  return rank == 2 || rank == 4 ? own : std::map<std::string, Variable>{};
}

/// By the paths of the layers.
std::map<std::string, LayerWeights> layers_of(const Module& network) {
  std::map<std::string, LayerWeights> layers;
  network.visit([&](const std::string& path, const ParameterContainer& container) {
    if (const auto* weights = dynamic_cast<const TernaryWeights*>(&container)) {
      const LatentWeights latent = weights->latent();
      LayerWeights& layer = layers[path];
      layer.method = latent.method;
      layer.levels = latent.levels;
      for (const graph::Parameter& parameter : latent.parameters) layer.names.push_back(parameter.name);
      layer.to_float = [weights] { return weights->to_float(); };
    } else if (const auto own = float_weights(container); !own.empty()) {
      LayerWeights& layer = layers[path];
      for (const auto& entry : own) layer.names.push_back(join_path(path, entry.first));
      layer.to_float = [own] {
        const auto bias = own.find("bias");
        return FloatWeights{own.at("weight").value(), bias == own.end() ? Tensor() : bias->second.value()};
      };
    }
  });
  return layers;
}

void start_layer_from(ParameterContainer& container, const FloatWeights& floats) {
  if (auto* weights = dynamic_cast<TernaryWeights*>(&container)) return weights->start_from(floats);
  auto own = float_weights(container);
  own.at("weight").mutable_value().copy_from(floats.weight);
  const auto bias = own.find("bias");
  if (bias != own.end() && floats.bias.defined()) bias->second.mutable_value().copy_from(floats.bias);
}

/// Finds out what to do first, since nothing may change if something does not fit.
class Plan {
 public:
  Plan(Module& network, const graph::Graph& graph, const Module& source)
      : head_(graph.nodes[static_cast<std::size_t>(graph.output)]) {
    convert_layers(network, source);
    copy_tensors(network, source);
  }

  WarmStart carry_out() {
    require<DataError>(mismatched_.empty(),
                       "warm_start: tensors that are not of the head '{}' have another shape: {}", head_.name,
                       fmt::join(mismatched_, ", "));
    require<DataError>(!result_.taken.empty(),
                       "warm_start: the networks have no tensor in common: they are of different families");
    for (const auto& step : steps_) step();
    return std::move(result_);
  }

 private:
  // Between floats and latent weights, or those of two methods.
  void convert_layers(Module& network, const Module& source) {
    const auto from = layers_of(source), to = layers_of(network);
    network.visit([&](const std::string& path, ParameterContainer& container) {
      const bool has_weights = dynamic_cast<TernaryWeights*>(&container) || !float_weights(container).empty();
      if (!has_weights || from.count(path) == 0) return;
      const LayerWeights &source_layer = from.at(path), &layer = to.at(path);
      if (source_layer.method == layer.method && source_layer.levels == layer.levels) return;
      const FloatWeights floats = source_layer.to_float();
      used_.insert(source_layer.names.begin(), source_layer.names.end());
      done_.insert(layer.names.begin(), layer.names.end());
      const Shape shape = layer.to_float().weight.shape();
      if (floats.weight.shape() == shape) {
        result_.taken.insert(result_.taken.end(), layer.names.begin(), layer.names.end());
        steps_.push_back([&container, floats] { start_layer_from(container, floats); });
      } else {
        note_mismatch(layer.names.front(), floats.weight.shape(), shape);
      }
    });
  }

  void copy_tensors(const Module& network, const Module& source) {
    std::map<std::string, Tensor> given;
    for (StateEntry& entry : state_dict(source)) given.emplace(entry.name, std::move(entry.tensor));
    for (const StateEntry& entry : state_dict(network)) {
      if (done_.count(entry.name) > 0) continue;
      const auto found = given.find(entry.name);
      if (found == given.end()) {
        result_.kept.push_back(entry.name);
        continue;
      }
      used_.insert(entry.name);
      if (found->second.shape() == entry.tensor.shape()) {
        result_.taken.push_back(entry.name);
        steps_.push_back([to = entry.tensor, from = found->second]() mutable { to.copy_from(from); });
      } else {
        note_mismatch(entry.name, found->second.shape(), entry.tensor.shape());
      }
    }
    for (const auto& entry : given) {
      if (used_.count(entry.first) == 0) result_.left.push_back(entry.first);
    }
  }

  void note_mismatch(const std::string& name, const Shape& given, const Shape& expected) {
    const bool of_head =
        std::any_of(head_.parameters.begin(), head_.parameters.end(),
                    [&](const graph::Parameter& parameter) { return parameter.name == name; });
    if (of_head) {
      result_.kept.push_back(name);
    } else {
      mismatched_.push_back(fmt::format("{} is {}, expected {}", name, given, expected));
    }
  }

  const graph::Node& head_;
  WarmStart result_;
  std::vector<std::string> mismatched_;
  std::vector<std::function<void()>> steps_;
  std::set<std::string> used_;  // tensors of the source
  std::set<std::string> done_;  // tensors of the network
};

}  // namespace

WarmStart warm_start(Module& network, const graph::Graph& graph, const Module& source) {
  return Plan(network, graph, source).carry_out();
}

}  // namespace tern
