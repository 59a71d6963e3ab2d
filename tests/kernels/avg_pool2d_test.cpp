#include "tern/kernels/avg_pool2d.h"

#include <algorithm>
#include <cmath>

#include "tern/core/error.h"
#include "tests/reference/pool2d.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

double largest_difference(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double largest = 0;
  for (std::int64_t i = 0; i < a.numel(); ++i) {
    largest = std::max(largest, std::abs(double{a.data<float>()[i]} - b.data<float>()[i]));
  }
  return largest;
}

}  // namespace

TEST_CASE("avg_pool2d: a worked example, padding counted as zeros") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({1, 2, 2, 1}, {4, 8, 12, 16});
  CHECK(kernels::avg_pool2d(x.to(device), {2, 2}).to_vector<float>() == std::vector<float>{10});
  CHECK(kernels::avg_pool2d(x.to(device), {2, 2, 1}).to_vector<float>() == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("avg_pool2d: agrees with the definition for all windows") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 8, 16, 65}) {
    for (const kernels::PoolWindow window :
         {kernels::PoolWindow{1, 1}, {2, 2}, {2, 1, 1}, {3, 2, 1}, {3, 4}}) {
      CAPTURE(channels, window.size, window.stride, window.padding);
      const Tensor x = test::random_tensor({2, 7, 5, channels}, 1);
      const Tensor y = kernels::avg_pool2d(x.to(device), window).to(Device{});
      // At most nine terms of magnitude 1, each rounding 2^-24.
      CHECK(largest_difference(y, reference::avg_pool2d(x, window)) < 1e-6);
      const Tensor dy = test::random_tensor(y.shape(), 2);
      CHECK(largest_difference(kernels::avg_pool2d_backward(dy.to(device), x.shape(), window).to(Device{}),
                               reference::avg_pool2d_backward(dy, x, window)) < 1e-6);
    }
  }
}

TEST_CASE("avg_pool2d: bad windows and shapes are refused") {
  const Tensor x = Tensor::zeros({1, 4, 4, 2});
  CHECK_THROWS_WITH(kernels::avg_pool2d(x, {0, 1}), Catch::Contains("avg_pool2d: window size 0"));
  CHECK_THROWS_AS(kernels::avg_pool2d(x, {2, 0}), ShapeError);
  CHECK_THROWS_WITH(kernels::avg_pool2d(x, {2, std::int64_t{1} << 29}), Catch::Contains("below 2^29"));
  CHECK_THROWS_WITH(kernels::avg_pool2d(x, {2, 2, 2}), Catch::Contains("padding 2"));
  CHECK_THROWS_AS(kernels::avg_pool2d(x, {2, 2, -1}), ShapeError);
  CHECK_THROWS_WITH(kernels::avg_pool2d(x, {5, 1}), Catch::Contains("too small for a window of 5"));
  CHECK_THROWS_AS(kernels::avg_pool2d(Tensor::zeros({4, 4, 2}), {2, 2}), ShapeError);
  CHECK_THROWS_AS(kernels::avg_pool2d(Tensor::zeros({1, 4, 4, 2}, DType::i8), {2, 2}), ShapeError);
  CHECK_THROWS_WITH(kernels::avg_pool2d_backward(Tensor::zeros({1, 2, 3, 2}), x.shape(), {2, 2}),
                    Catch::Contains("expected (1, 2, 2, 2)"));
}
