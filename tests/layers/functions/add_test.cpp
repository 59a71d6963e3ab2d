#include "tern/layers/functions/add.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("add: sums, and passes the gradient to both inputs") {
  const Device device = test::each_device();
  const Tensor x = test::random_tensor({2, 3, 5}, 1), y = test::random_tensor({2, 3, 5}, 2);
  const Variable a(x.to(device), true);
  const Variable b(y.to(device), true);
  const auto f = [](const std::vector<Variable>& v) { return add(v[0], v[1]); };
  CHECK(f({a, b}).value().to_vector<float>()[7] == x.data<float>()[7] + y.data<float>()[7]);
  CHECK(test::gradcheck(f, {a, b}) == "");
  CHECK(test::gradcheck([](const std::vector<Variable>& v) { return add(v[0], v[0]); }, {a}) == "");
}

TEST_CASE("add: shapes must agree") {
  CHECK_THROWS_AS(add(Variable(Tensor::zeros({2})), Variable(Tensor::zeros({3}))), ShapeError);
}
