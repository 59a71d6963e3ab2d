#include "tern/layers/functions/max_pool2d.h"

#include "tern/layers/functions/pad_channels.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("max_pool2d: gradient, with and without overlapping windows") {
  const Device device = test::each_device();
  // All values differ by more than twice the step of the differences, so that no maximum changes place.
  Tensor values = Tensor::empty({2, 6, 5, 3});
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    values.data<float>()[i] = 0.05F * static_cast<float>(i * 77 % values.numel());
  }
  const Variable x(values.to(device), true);
  for (const kernels::PoolWindow window : {kernels::PoolWindow{2, 2}, {3, 2, 1}, {3, 1}}) {
    const auto f = [&](const std::vector<Variable>& v) { return max_pool2d(v[0], window); };
    CHECK(test::gradcheck(f, {x}) == "");
  }
}

TEST_CASE("max_pool2d_pad_channels: as pool and padding one by one, with its gradient") {
  const Device device = test::each_device();
  const Tensor values = test::random_tensor({2, 6, 5, 3}, 1).to(device);
  const Variable x(values, true), x_of_two(values, true);
  const Variable y = max_pool2d_pad_channels(x, {2, 2}, 7);
  const Variable expected = pad_channels(max_pool2d(x_of_two, {2, 2}), 7);
  CHECK(test::bit_difference(y.value(), expected.value()) == "");
  const Tensor dy = test::random_tensor(y.shape(), 2).to(device);
  y.backward(dy.clone());
  expected.backward(dy.clone());
  CHECK(test::bit_difference(x.grad(), x_of_two.grad()) == "");
}
