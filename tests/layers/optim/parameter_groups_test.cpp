#include "tern/layers/optim/parameter_groups.h"

#include <map>

#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/conv2d.h"
#include "tern/layers/optim/sgd.h"
#include "tern/layers/ternary/lsq.h"
#include "tern/layers/ternary/sttn.h"
#include "tern/layers/ternary/ternary_conv2d.h"
#include "tests/support/catch.h"

using namespace tern;

namespace {

// A parameter of every role.
class EveryRole : public ParameterContainer {
 public:
  EveryRole() {
    const Conv2dOptions options{.in_channels = 2, .out_channels = 2, .bias = true};
    add_module("float", std::make_unique<Conv2d>(options));
    add_module("norm", std::make_unique<BatchNorm2d>(2));
    add_module("slope", std::make_unique<PReLU>(2));
    add_module("lsq", std::make_unique<TernaryConv2d>(options, lsq()));
    add_module("sttn", std::make_unique<TernaryConv2d>(options, sttn()));
  }
};

// What a parameter of value 1 becomes in one step of SGD with learning rate 1/4, the same gradient for all
// and a weight decay of 1/2.
std::map<std::string, float> after_a_step(const GroupOptions& options, float gradient) {
  const EveryRole network;
  Sgd sgd(parameter_groups(network, options), {.weight_decay = 0.5});
  for (auto& [name, parameter] : network.named_parameters()) {
    parameter.mutable_value().copy_from(Tensor::full(parameter.shape(), 1));
    parameter.backward(Tensor::full(parameter.shape(), gradient));
  }
  sgd.step(0.25);
  std::map<std::string, float> values;
  for (const auto& [name, parameter] : network.named_parameters()) {
    values[name] = parameter.value().data<float>()[0];
  }
  return values;
}

const std::vector<std::string> kNorms{"float.bias", "norm.weight", "norm.bias",   "slope.weight",
                                      "lsq.bias",   "lsq.step",    "sttn_1.bias", "sttn_2.bias"};
const std::vector<std::string> kLatents{"lsq.weight", "sttn_1.weight", "sttn_2.weight"};

void check_decayed(const GroupOptions& options, const std::vector<std::string>& decayed) {
  std::map<std::string, float> expected{{"float.weight", 0.875F}};
  for (const auto& names : {kNorms, kLatents}) {
    for (const std::string& name : names) expected[name] = 1;
  }
  for (const std::string& name : decayed) expected[name] = 0.875F;
  CHECK(after_a_step(options, 0) == expected);
}

}  // namespace

TEST_CASE("parameter_groups: weight decay pulls float weights, and norms and latents where asked to") {
  check_decayed({}, {});
  check_decayed({.decay_norms = true}, kNorms);
  check_decayed({.decay_latents = true}, kLatents);
}

TEST_CASE("parameter_groups: thresholds learn at a rate of their own") {
  const auto values = after_a_step({.threshold_lr_factor = 0.5}, 1);
  CHECK(values.at("lsq.step") == 0.875F);
  CHECK(values.at("lsq.bias") == 0.75F);
  CHECK(values.at("lsq.weight") == 0.75F);
}
