#include "tern/layers/functions/prelu.h"

#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("prelu: gradients of input and slope, the slope of either sign") {
  const Device device = test::each_device();
  Tensor values = test::random_tensor({2, 3, 3, 5}, 1);
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    values.data<float>()[i] += values.data<float>()[i] > 0 ? 0.1F : -0.1F;  // away from the kink
  }
  const Variable x(values.to(device), true);
  const Variable slope(test::random_tensor({5}, 2).to(device), true);
  const auto f = [](const std::vector<Variable>& v) { return prelu(v[0], v[1]); };
  CHECK(test::gradcheck(f, {x, slope}) == "");
}

TEST_CASE("rprelu: gradients of input, slope and both shifts") {
  const Device device = test::each_device();
  Tensor values = test::random_tensor({2, 3, 3, 5}, 1);
  const Tensor shifts = test::random_tensor({5}, 3);
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    float& value = values.data<float>()[i];
    value += (value > 0 ? 0.1F : -0.1F) - shifts.data<float>()[i % 5];  // away from the kink
  }
  const Variable x(values.to(device), true), slope(test::random_tensor({5}, 2).to(device), true);
  const Variable shift(shifts.to(device), true), bias(test::random_tensor({5}, 4).to(device), true);
  const auto f = [](const std::vector<Variable>& v) { return rprelu(v[0], v[1], v[2], v[3]); };
  CHECK(test::gradcheck(f, {x, slope, shift, bias}) == "");
}
