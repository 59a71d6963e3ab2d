#include "tern/models/merge.h"

#include <map>

#include "tern/core/error.h"
#include "tern/layers/binary_branch_conv2d.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/ternary_conv2d.h"
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
    auto* pair = dynamic_cast<BinaryBranchConv2d*>(&module);
    if (pair == nullptr) return;
    const BinaryBranchWeights weights = pair->weights();
    state.insert_or_assign(path + ".weight", weights.ternary.value());
    state.insert_or_assign(path + ".scale", weights.scale);
    const Tensor bias = pair->bias_value();
    if (bias.defined()) {
      Tensor& mean = state.at(batch_norm_behind(path) + ".running_mean");
      mean = difference(mean, bias);
    }
    for (const char* branch : {"_1", "_2"}) {
      state.erase(path + branch + ".weight");
      state.erase(path + branch + ".bias");
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
