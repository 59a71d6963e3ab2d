#include "tern/layers/functions/weighted_sum.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("weighted_sum: each gradient has the factor of its input") {
  const Device device = test::each_device();
  const Variable x(test::random_tensor({2, 3, 5}, 1).to(device), true);
  const Variable y(test::random_tensor({2, 3, 5}, 2).to(device), true);
  const auto sum = [](const std::vector<Variable>& v) { return weighted_sum(0.25F, v[0], -3, v[1]); };
  CHECK(test::gradcheck(sum, {x, y}) == "");
  CHECK(test::gradcheck([](const std::vector<Variable>& v) { return scale(v[0], -1.5F); }, {x}) == "");
  CHECK_THROWS_AS(weighted_sum(1, x, 1, Variable(Tensor::zeros({3}).to(device))), ShapeError);
}
