#include "layers/optim/optimizer.h"

#include <functional>
#include <limits>

#include "core/error.h"
#include "layers/optim/adam.h"
#include "layers/optim/sgd.h"
#include "tests/layers/optim/golden_problem.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;

namespace {

using Make = std::function<std::unique_ptr<Optimizer>(const Variable&)>;

// What holds for every optimiser is tested on all of them.
std::vector<Make> optimizers() {
  return {
      [](const Variable& w) {
        return std::make_unique<Sgd>(NamedVariables{{"w", w}},
                                     SgdConfig{.momentum = 0.9, .weight_decay = 0.125, .nesterov = true});
      },
      [](const Variable& w) {
        return std::make_unique<Adam>(NamedVariables{{"w", w}}, AdamConfig{.weight_decay = 0.125});
      },
      [](const Variable& w) {
        return std::make_unique<Adam>(NamedVariables{{"w", w}},
                                      AdamConfig{.weight_decay = 0.125, .decoupled_weight_decay = true});
      },
  };
}

std::map<std::string, Tensor> copy_of_state(const Optimizer& optimizer) {
  std::map<std::string, Tensor> saved;
  for (const auto& [name, tensor] : optimizer.state()) saved.emplace(name, tensor.clone());
  return saved;
}

}  // namespace

TEST_CASE("optimizer: the gradient scale acts like scaled gradients, to the bit, and leaves them alone") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const Variable plain = test::golden_parameter(device);
    test::golden_steps(*make(plain), plain, 0, 3);
    const Variable scaled = test::golden_parameter(device);
    test::golden_steps(*make(scaled), scaled, 0, 3, 8.0F);  // a power of two scales without rounding
    CHECK(plain.value().to_vector<float>() == scaled.value().to_vector<float>());
    CHECK(scaled.grad().to_vector<float>() == test::golden_gradient(2, 8.0F).to_vector<float>());
  }
}

TEST_CASE("optimizer: continues from saved state to the bit") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const Variable straight = test::golden_parameter(device);
    const auto first = make(straight);
    test::golden_steps(*first, straight, 0, 2);
    const Variable resumed(straight.value().clone(), true);
    const auto second = make(resumed);
    second->load_state(copy_of_state(*first));
    CHECK(second->step_count() == 2);
    test::golden_steps(*first, straight, 2, 5);
    test::golden_steps(*second, resumed, 2, 5);
    CHECK(straight.value().to_vector<float>() == resumed.value().to_vector<float>());
  }
}

TEST_CASE("optimizer: a parameter without a gradient is left alone") {
  const Device device = test::each_device();
  for (const Make& make : optimizers()) {
    const Variable w = test::golden_parameter(device);
    const auto optimizer = make(w);
    optimizer->step(test::kGoldenLr);
    CHECK(w.value().to_vector<float>() == test::golden_parameter(device).value().to_vector<float>());
    CHECK(optimizer->step_count() == 1);
  }
}

TEST_CASE("optimizer: state that does not fit is refused as a whole") {
  const Variable w = test::golden_parameter({});
  Sgd sgd({{"w", w}}, {.momentum = 0.9});
  std::map<std::string, Tensor> saved = copy_of_state(sgd);
  *saved.at("step").data<std::int64_t>() = 7;
  saved["w.momentum_buffer"] = Tensor::zeros({3});
  CHECK_THROWS_AS(sgd.load_state(saved), DataError);
  CHECK(sgd.step_count() == 0);
}

TEST_CASE("optimizer: a learning rate or scale that is not finite is refused") {
  Sgd sgd({{"w", test::golden_parameter({})}}, {});
  CHECK_THROWS_AS(sgd.step(std::numeric_limits<double>::quiet_NaN()), NumericError);
  CHECK_THROWS_AS(sgd.step(0.1, std::numeric_limits<double>::infinity()), NumericError);
  CHECK(sgd.step_count() == 0);
}

TEST_CASE("optimizer: parameters have to be trainable and listed once") {
  const Variable w = test::golden_parameter({});
  CHECK_THROWS_AS(Sgd({{"w", w}, {"w", w}}, {}), ShapeError);
  CHECK_THROWS_AS(Sgd({{"frozen", Variable(Tensor::zeros({2}))}}, {}), ShapeError);
  CHECK_THROWS_AS(Sgd({{"undefined", Variable()}}, {}), ShapeError);
}
