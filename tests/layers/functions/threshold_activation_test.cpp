#include "tern/layers/functions/threshold_activation.h"

#include "tern/kernels/cast.h"
#include "tern/kernels/threshold_activation.h"
#include "tern/layers/activations.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"

using namespace tern;

TEST_CASE("threshold_activation: all three gradients arrive, from f32 and bf16") {
  const Device device = test::each_device();
  const Tensor dy = test::random_tensor({4, 6}, 2).to(device);
  for (const DType dtype : {DType::f32, DType::bf16}) {
    const Tensor values = kernels::cast(test::random_tensor({4, 6}, 1, -2, 2).to(device), dtype);
    const Variable x(values, true), low(Tensor::full({6}, -0.4F).to(device), true),
        high(Tensor::full({6}, 0.7F).to(device), true);
    const Variable y = threshold_activation(x, low, high);
    CHECK(y.value().dtype() == DType::i8);
    y.backward(kernels::cast(dy, dtype));
    const auto expected =
        kernels::threshold_activation_backward(kernels::cast(kernels::cast(dy, dtype), DType::f32),
                                               kernels::cast(values, DType::f32), low.value(), high.value());
    CHECK(test::bit_difference(x.grad(), kernels::cast(expected.dx, dtype)) == "");
    CHECK(test::bit_difference(low.grad(), expected.dlow) == "");
    CHECK(test::bit_difference(high.grad(), expected.dhigh) == "");
  }
}

TEST_CASE("threshold activation: the layer begins with the thresholds of the ternary activation") {
  ThresholdActivation layer(3);
  std::vector<std::string> names;
  for (const auto& [name, parameter] : layer.named_parameters()) names.push_back(name);
  CHECK(names == std::vector<std::string>{"low", "high"});
  const Variable x(test::random_tensor({5, 3}, 1, -2, 2));
  CHECK(test::bit_difference(layer.forward(x).value(), TernaryActivation().forward(x).value()) == "");
}
