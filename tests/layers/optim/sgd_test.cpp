#include "tern/layers/optim/sgd.h"

#include "tern/core/error.h"
#include "tests/layers/optim/golden_problem.h"
#include "tests/layers/optim/pytorch_golden.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;

namespace {

Variable train(Device device, const SgdConfig& config) {
  const Variable w = test::golden_parameter(device);
  Sgd sgd({{"w", w}}, config);
  test::golden_steps(sgd, w, 0, test::kGoldenSteps);
  return w;
}

}  // namespace

TEST_CASE("sgd: five steps equal PyTorch's, plain, with momentum and weight decay, with Nesterov") {
  const Device device = test::each_device();
  test::check_golden(train(device, {}), test::pytorch::kSgd);
  test::check_golden(train(device, {.momentum = 0.9, .weight_decay = 0.125}), test::pytorch::kSgdMomentum);
  test::check_golden(train(device, {.momentum = 0.9, .weight_decay = 0.125, .nesterov = true}),
                     test::pytorch::kSgdNesterov);
}

TEST_CASE("sgd: the momentum buffer after the first step is the gradient") {
  const Device device = test::each_device();
  const Variable w = test::golden_parameter(device);
  Sgd sgd({{"w", w}}, {.momentum = 0.9});
  test::golden_steps(sgd, w, 0, 1);
  REQUIRE(sgd.state().size() == 2);
  CHECK(sgd.state()[1].first == "w.momentum_buffer");
  CHECK(sgd.state()[1].second.to_vector<float>() == test::golden_gradient(0).to_vector<float>());
}

TEST_CASE("sgd: without momentum only the step count is state") {
  const Sgd sgd({{"w", test::golden_parameter({})}}, {});
  REQUIRE(sgd.state().size() == 1);
  CHECK(sgd.state()[0].first == "step");
}

TEST_CASE("sgd: settings out of range are refused") {
  CHECK_THROWS_AS(Sgd(NamedVariables{}, {.momentum = 1}), ConfigError);
  CHECK_THROWS_AS(Sgd(NamedVariables{}, {.weight_decay = -1e-4}), ConfigError);
  CHECK_THROWS_AS(Sgd(NamedVariables{}, {.nesterov = true}), ConfigError);
}
