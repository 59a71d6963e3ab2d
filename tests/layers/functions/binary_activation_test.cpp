#include "tern/core/error.h"
#include "tern/layers/activations.h"
#include "tern/layers/functions/ternary_activation.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"

using namespace tern;

TEST_CASE("binary_activation: the sign, +1 at zero, the gradient passes where |x| <= 1") {
  const Device device = test::each_device();
  const Variable x(Tensor::from<float>({6}, {-1.5F, -1, -0.0F, 0, 1, 2}).to(device), true);
  const Variable y = binary_activation(x);
  CHECK(y.value().to_vector<std::int8_t>() == std::vector<std::int8_t>{-1, -1, 1, 1, 1, 1});
  y.backward(Tensor::full({6}, 3).to(device));
  CHECK(x.grad().to_vector<float>() == std::vector<float>{0, 3, 3, 3, 3, 0});
}

TEST_CASE("activations: chosen by name, another is refused with the nearest") {
  CHECK(dynamic_cast<TernaryActivation*>(activation_by_name("ternary", 8).get()) != nullptr);
  CHECK(dynamic_cast<BinaryActivation*>(activation_by_name("binary", 8).get()) != nullptr);
  CHECK(dynamic_cast<ThresholdActivation*>(activation_by_name("learned", 8).get()) != nullptr);
  CHECK_THROWS_WITH(activation_by_name("binery", 8), Catch::Contains("did you mean 'binary'"));
  CHECK_THROWS_AS(activation_by_name("relu", 8), ConfigError);
}
