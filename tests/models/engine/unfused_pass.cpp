#include "tests/models/engine/unfused_pass.h"

#include <map>
#include <string>

#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/functions/batch_norm.h"
#include "tern/layers/functions/max_pool2d.h"
#include "tern/layers/functions/pad_channels.h"
#include "tern/layers/ternary/ternary_conv2d.h"
#include "tern/models/sttn_block.h"
#include "tests/support/catch.h"

namespace tern::test {
namespace {

class Network {
 public:
  explicit Network(Module& network) {
    network.visit(
        [this](const std::string& path, ParameterContainer& module) { modules_.emplace(path, &module); });
  }

  ParameterContainer* find(const std::string& path) const {
    const auto found = modules_.find(path);
    return found == modules_.end() ? nullptr : found->second;
  }

  template <class M>
  M& child(const std::string& path) const {
    INFO("module " << path);
    M* module = dynamic_cast<M*>(find(path));
    REQUIRE(module != nullptr);
    return *module;
  }

 private:
  std::map<std::string, ParameterContainer*> modules_;
};

Variable half(const Network& network, const std::string& block, const std::string& number, const Variable& x,
              const Variable& shortcut, UnfusedPass& pass) {
  const TernaryVariable ternary =
      batch_norm_ternary(x, network.child<BatchNorm2d>(block + ".bn" + number).arguments());
  pass.ternary.push_back(ternary.values.value());
  const auto integer = network.child<TernaryConv2d>(block + ".conv" + number).integer_forward(ternary, false);
  return scale_batch_norm_add_prelu(integer.z, integer.scale.value(),
                                    network.child<BatchNorm2d>(block + ".bn_add" + number).arguments(),
                                    shortcut, network.child<PReLU>(block + ".prelu" + number).slope());
}

Variable block_forward(const Network& network, const std::string& block, const Variable& x,
                       UnfusedPass& pass) {
  const Shape out = network.child<SttnBlock>(block).forward(x).shape();
  Variable shortcut = x;
  if (out[1] != x.shape()[1]) shortcut = max_pool2d(shortcut, {2, 2});
  if (out[3] != x.shape()[3]) shortcut = pad_channels(shortcut, out[3]);
  const Variable middle = half(network, block, "1", x, shortcut, pass);
  return half(network, block, "2", middle, middle, pass);
}

}  // namespace

UnfusedPass unfused_pass(Module& root, const Tensor& images) {
  const NoGrad no_grad;
  const Network network(root);
  UnfusedPass pass;
  Variable x(images);
  for (int i = 0;; ++i) {
    const std::string path = "features." + std::to_string(i);
    auto* module = dynamic_cast<Module*>(network.find(path));
    if (module == nullptr) break;
    if (dynamic_cast<SttnBlock*>(module) == nullptr) {
      x = module->forward(x);
      pass.stem = x.value();
    } else {
      x = block_forward(network, path, x, pass);
    }
  }
  const Variable averages = network.child<Module>("avgpool").forward(x);
  pass.averages = averages.value();
  pass.logits = network.child<Module>("fc").forward(averages).value();
  return pass;
}

}  // namespace tern::test
