#include "tern/models/merge.h"

#include <map>

#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/ternary/ternary_layer.h"
#include "tern/models/resnet.h"

namespace tern {
namespace {

// In SttnBlock the batch norm behind "conv1" is "bn_add1".
std::string batch_norm_behind(std::string conv_path) {
  return conv_path.replace(conv_path.rfind("conv"), 4, "bn_add");
}

// Wherever both are, on the CPU.
Tensor difference(const Tensor& a, const Tensor& b) {
  std::vector<float> values = a.to_vector<float>();
  const std::vector<float> subtrahends = b.to_vector<float>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= subtrahends[i];
  return Tensor::from(a.shape(), values);
}

// Everything of the merged network by name: what it shares with the pair, the merged weights, the moved
// biases.
std::map<std::string, Tensor> merged_state(Module& network) {
  const NoGrad no_grad;
  std::map<std::string, Tensor> state;
  for (const StateEntry& entry : state_dict(network)) state.emplace(entry.name, entry.tensor);
  network.visit([&](const std::string& path, ParameterContainer& module) {
    const auto* layer = dynamic_cast<const TernaryLayer*>(&module);
    if (layer == nullptr) return;
    const auto [ternary, scale, bias] = layer->merged_weights();
    for (const graph::Parameter& latent : layer->weights().latent().parameters) state.erase(latent.name);
    state.insert_or_assign(path + ".weight", ternary);
    state.insert_or_assign(path + ".scale", scale);
    if (bias.defined()) {
      Tensor& mean = state.at(batch_norm_behind(path) + ".running_mean");
      mean = difference(mean, bias);
    }
  });
  return state;
}

}  // namespace

MergedNetwork merge(Module& network, const ResNetConfig& config) {
  require<ConfigError>(
      config.block == BlockKind::sttn,
      "merge: the network is not made of pairs of binary branches (block \"sttn\"); nothing to merge");
  MergedNetwork merged{config, nullptr};
  merged.config.block = BlockKind::ternary;
  merged.config.conv_bias = false;
  merged.network = make_resnet(merged.config);
  load_state(*merged.network, merged_state(network));
  merged.network->train(false);
  return merged;
}

}  // namespace tern
