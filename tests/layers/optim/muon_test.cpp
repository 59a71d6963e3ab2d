#include "tern/layers/optim/muon.h"

#include "tern/core/error.h"
#include "tern/layers/ternary/sttn.h"
#include "tern/layers/ternary/ternary_linear.h"
#include "tests/layers/optim/golden_problem.h"
#include "tests/layers/optim/muon_golden.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"

using namespace tern;

namespace {

constexpr std::int64_t kSize = 24;

Variable parameter(const Shape& shape, Device device) {
  std::vector<float> w(kSize);
  for (int i = 0; i < kSize; ++i) w[i] = static_cast<float>(i * 37 % 64 - 32) / 32;
  return Variable(Tensor::from(shape, w).to(device), true);
}

Tensor gradient(const Shape& shape, int t, float factor) {
  std::vector<float> dw(kSize);
  for (int i = 0; i < kSize; ++i) dw[i] = factor * (static_cast<float>((i * 13 + t * 29) % 128) / 64 - 1);
  return Tensor::from(shape, dw);
}

Tensor train(const Shape& shape, Device device, const MuonConfig& config, float factor = 1) {
  const Variable w = parameter(shape, device);
  Muon muon({{.parameters = {{"w", w}}}}, config);
  for (int t = 0; t < test::kMuonSteps; ++t) {
    test::set_gradient(w, gradient(shape, t, factor));
    muon.step(test::kMuonLr, 1 / factor);
  }
  return w.value();
}

std::vector<double> doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

// Of f32 beside double: an error of an eigenvalue of u u^t, of some 10 roundings of 2^-24 of their sum, grows
// as that does, which is at least 0.028 of the sum here, up to 1, and changes the update by 4.7750 / 3.4445
// of it (newton_schulz.h); times the rate and the steps, 3 * 0.051 * 1.39 / 0.028 * 10 * 2^-24.
constexpr double kTolerance = 4.5e-6;

}  // namespace

TEST_CASE(
    "muon: steps are those of the authors' formula, for wide and tall matrices, with and without Nesterov") {
  const Device device = test::each_device();
  CHECK(test::difference(train({3, 2, 2, 2}, device, {}), doubles(test::kMuonWide), kTolerance) == "");
  CHECK(test::difference(train({8, 1, 1, 3}, device, {}), doubles(test::kMuonTall), kTolerance) == "");
  const MuonConfig plain{.momentum = 0.75, .nesterov = false, .adam = {.weight_decay = 0.5}};
  CHECK(test::difference(train({3, 2, 2, 2}, device, plain), doubles(test::kMuonPlain), kTolerance) == "");
  CHECK(test::difference(train({3, 2, 2, 2}, device, {}, 8), doubles(test::kMuonWide), kTolerance) == "");
}

TEST_CASE("muon: what is no convolution learns by AdamW, at a rate of its own, deferred gradients too") {
  const Device device = test::each_device();
  const MuonConfig config{.adam_lr_factor = 0.5, .adam = {.weight_decay = 0.25}};
  AdamConfig adamw = config.adam;
  adamw.decoupled_weight_decay = true;
  std::vector<std::vector<Tensor>> results;
  for (const bool by_muon : {true, false}) {
    TernaryLinear layer(24, 3, sttn(), true);
    for (auto& [name, variable] : layer.named_parameters())
      variable.mutable_value().copy_from(test::random_tensor(variable.shape(), 1, -0.5F, 0.5F));
    layer.to(device);
    const std::vector<ParameterGroup> groups{{.parameters = layer.named_parameters()}};
    std::unique_ptr<Optimizer> optimizer;
    if (by_muon) {
      optimizer = std::make_unique<Muon>(groups, config);
    } else {
      optimizer = std::make_unique<Adam>(groups, adamw);
    }
    for (std::uint32_t t = 0; t < 3; ++t) {
      const Variable y = layer.forward(Variable(test::random_ternary({5, 24}, t).to(device)));
      y.backward(test::random_tensor(y.shape(), t).to(device));
      optimizer->step(by_muon ? 0.02 : 0.01);
      layer.clear_gradients();
    }
    results.emplace_back();
    for (const auto& [name, variable] : layer.named_parameters()) results.back().push_back(variable.value());
  }
  for (std::size_t i = 0; i < results[0].size(); ++i)
    CHECK(test::bit_difference(results[0][i], results[1][i]) == "");
}

TEST_CASE(
    "muon: its state has momentum of convolutions and moments of the rest, no zero gradient makes a NaN") {
  const Variable w = parameter({3, 2, 2, 2}, {}), b = parameter({24}, {});
  Muon muon({{.parameters = {{"w", w}, {"b", b}}}}, {});
  std::vector<std::string> names;
  for (const auto& entry : muon.state()) names.push_back(entry.first);
  CHECK(names == std::vector<std::string>{"step", "w.momentum_buffer", "b.exp_avg", "b.exp_avg_sq"});
  test::set_gradient(w, Tensor::zeros({3, 2, 2, 2}));
  muon.step(0.5);
  CHECK(test::bit_difference(w.value(), parameter({3, 2, 2, 2}, {}).value()) == "");
}

TEST_CASE("muon: settings out of range are refused") {
  CHECK_THROWS_AS(Muon({}, {.momentum = 0}), ConfigError);
  CHECK_THROWS_AS(Muon({}, {.momentum = 1}), ConfigError);
  CHECK_THROWS_AS(Muon({}, {.adam_lr_factor = 0}), ConfigError);
  CHECK_THROWS_AS(Muon({}, {.adam = {.beta1 = 1}}), ConfigError);
}
