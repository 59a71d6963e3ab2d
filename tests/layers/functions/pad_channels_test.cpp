#include "tern/layers/functions/pad_channels.h"

#include "tern/core/error.h"
#include "tern/kernels/pad_channels.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("pad_channels: appends zeros, and the gradient drops them") {
  const Device device = test::each_device();
  const Variable x(Tensor::from<float>({1, 1, 2, 2}, {1, 2, 3, 4}).to(device), true);
  const Variable y = pad_channels(x, 3);
  CHECK(y.shape() == Shape{1, 1, 2, 3});
  CHECK(y.value().to_vector<float>() == std::vector<float>{1, 2, 0, 3, 4, 0});
  y.backward(Tensor::from<float>({1, 1, 2, 3}, {5, 6, 7, 8, 9, 10}).to(device));
  CHECK(x.grad().to_vector<float>() == std::vector<float>{5, 6, 8, 9});
  const auto f = [](const std::vector<Variable>& v) { return pad_channels(v[0], 11); };
  CHECK(test::gradcheck(f, {Variable(test::random_tensor({2, 3, 3, 5}, 1).to(device), true)}) == "");
}

TEST_CASE("pad_channels: the same number of channels is a copy, fewer are refused") {
  const Device device = test::each_device();
  const Tensor x = test::random_tensor({1, 2, 2, 3}, 1);
  CHECK(kernels::pad_channels(x.to(device), 3).to_vector<float>() == x.to_vector<float>());
  CHECK_THROWS_WITH(kernels::pad_channels(x, 2), Catch::Contains("more than 2 channels"));
  CHECK_THROWS_AS(kernels::pad_channels(Tensor::zeros({2, 3}), 4), ShapeError);
  CHECK_THROWS_AS(kernels::pad_channels_backward(x, 4), ShapeError);
  CHECK_THROWS_AS(kernels::pad_channels_backward(x, -1), ShapeError);
}
