#include "tern/layers/functions/avg_pool2d.h"

#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("avg_pool2d: gradient, with and without overlapping windows") {
  const Device device = test::each_device();
  const Variable x(test::random_tensor({2, 6, 5, 3}, 1).to(device), true);
  for (const kernels::PoolWindow window : {kernels::PoolWindow{2, 2}, {3, 2, 1}, {3, 1}}) {
    const auto f = [&](const std::vector<Variable>& v) { return avg_pool2d(v[0], window); };
    CHECK(test::gradcheck(f, {x}) == "");
  }
}
