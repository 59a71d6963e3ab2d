#include "tern/layers/functions/global_avg_pool2d.h"

#include "tern/core/error.h"
#include "tern/kernels/global_avg_pool2d.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("global_avg_pool2d: a worked example and its gradient") {
  const Device device = test::each_device();
  const Variable x(Tensor::from<float>({2, 1, 2, 2}, {1, 10, 3, 20, 5, 0, 7, 2}).to(device), true);
  const Variable y = global_avg_pool2d(x);
  CHECK(y.shape() == Shape{2, 2});
  CHECK(y.value().to_vector<float>() == std::vector<float>{2, 15, 6, 1});
  y.backward(Tensor::from<float>({2, 2}, {2, 4, 6, 8}).to(device));
  CHECK(x.grad().to_vector<float>() == std::vector<float>{1, 2, 1, 2, 3, 4, 3, 4});
}

TEST_CASE("global_avg_pool2d: gradcheck with an odd number of channels and pixels") {
  const Device device = test::each_device();
  const auto f = [](const std::vector<Variable>& v) { return global_avg_pool2d(v[0]); };
  CHECK(test::gradcheck(f, {Variable(test::random_tensor({3, 3, 5, 7}, 1).to(device), true)}) == "");
}

TEST_CASE("global_avg_pool2d: images without pixels and other ranks are refused") {
  CHECK_THROWS_AS(kernels::global_avg_pool2d(Tensor::zeros({1, 0, 2, 3})), ShapeError);
  CHECK_THROWS_AS(kernels::global_avg_pool2d(Tensor::zeros({2, 2, 3})), ShapeError);
  CHECK_THROWS_WITH(kernels::global_avg_pool2d_backward(Tensor::zeros({1, 2}), {1, 4, 4, 3}, DType::f32),
                    Catch::Contains("dy is (1, 2), expected (1, 3)"));
}
