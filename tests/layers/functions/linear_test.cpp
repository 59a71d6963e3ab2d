#include "tern/layers/functions/linear.h"

#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("linear: gradients of input, weight and bias") {
  const Device device = test::each_device();
  const Variable x(test::random_tensor({5, 7}, 1).to(device), true);
  const Variable w(test::random_tensor({3, 7}, 2).to(device), true);
  const Variable bias(test::random_tensor({3}, 3).to(device), true);
  const auto f = [](const std::vector<Variable>& v) { return linear(v[0], v[1], v[2]); };
  CHECK(test::gradcheck(f, {x, w, bias}) == "");
  const auto without_bias = [](const std::vector<Variable>& v) { return linear(v[0], v[1]); };
  CHECK(test::gradcheck(without_bias, {x, w}) == "");
}

TEST_CASE("linear: an input that needs no gradient gets none") {
  const Device device = test::each_device();
  const Variable x(test::random_tensor({5, 7}, 1).to(device));
  const Variable w(test::random_tensor({3, 7}, 2).to(device), true);
  linear(x, w).backward(Tensor::full({5, 3}, 1).to(device));
  CHECK_FALSE(x.grad().defined());
  CHECK(w.grad().shape() == Shape{3, 7});
}
