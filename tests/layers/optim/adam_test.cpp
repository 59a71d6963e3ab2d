#include "tern/layers/optim/adam.h"

#include "tern/core/error.h"
#include "tests/layers/optim/golden_problem.h"
#include "tests/layers/optim/pytorch_golden.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;

namespace {

Variable train(Device device, const AdamConfig& config) {
  const Variable w = test::golden_parameter(device);
  Adam adam({{"w", w}}, config);
  test::golden_steps(adam, w, 0, test::kGoldenSteps);
  return w;
}

}  // namespace

TEST_CASE("adam: five steps equal PyTorch's, with L2 and with decoupled weight decay") {
  const Device device = test::each_device();
  test::check_golden(train(device, {}), test::pytorch::kAdam);
  test::check_golden(train(device, {.beta1 = 0.75, .beta2 = 0.9, .eps = 1e-3, .weight_decay = 0.125}),
                     test::pytorch::kAdamDecay);
  test::check_golden(train(device, {.weight_decay = 0.125, .decoupled_weight_decay = true}),
                     test::pytorch::kAdamW);
}

TEST_CASE("adam: tensors larger than one thread's share get the same result element by element") {
  const Device device = test::each_device();
  constexpr std::int64_t kRepeats = 5000;
  const std::vector<float> w0 = test::golden_parameter(device).value().to_vector<float>();
  const std::vector<float> dw0 = test::golden_gradient(0).to_vector<float>();
  std::vector<float> w;
  std::vector<float> dw;
  for (std::int64_t r = 0; r < kRepeats; ++r) {
    w.insert(w.end(), w0.begin(), w0.end());
    dw.insert(dw.end(), dw0.begin(), dw0.end());
  }
  const tern::Shape shape{kRepeats * test::kGoldenSize};
  const Variable large(Tensor::from(shape, w).to(device), true);
  const Variable small = test::golden_parameter(device);
  Adam adam({{"large", large}, {"small", small}}, {});
  test::set_gradient(large, Tensor::from(shape, dw));
  test::set_gradient(small, test::golden_gradient(0));
  adam.step(test::kGoldenLr);
  const std::vector<float> expected = small.value().to_vector<float>();
  const std::vector<float> actual = large.value().to_vector<float>();
  std::size_t different = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) different += actual[i] != expected[i % test::kGoldenSize];
  CHECK(different == 0);
}

TEST_CASE("adam: state names follow the parameter") {
  const Adam adam({{"a.weight", test::golden_parameter({})}, {"b", test::golden_parameter({})}}, {});
  std::vector<std::string> names;
  for (const auto& entry : adam.state()) names.push_back(entry.first);
  CHECK(names == std::vector<std::string>{"step", "a.weight.exp_avg", "b.exp_avg", "a.weight.exp_avg_sq",
                                          "b.exp_avg_sq"});
}

TEST_CASE("adam: settings out of range are refused") {
  CHECK_THROWS_AS(Adam(NamedVariables{}, {.beta1 = 1}), ConfigError);
  CHECK_THROWS_AS(Adam(NamedVariables{}, {.beta2 = -0.1}), ConfigError);
  CHECK_THROWS_AS(Adam(NamedVariables{}, {.eps = 0}), ConfigError);
  CHECK_THROWS_AS(Adam(NamedVariables{}, {.weight_decay = -1}), ConfigError);
}
