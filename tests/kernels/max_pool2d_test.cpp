#include "tern/kernels/max_pool2d.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/pad_channels.h"
#include "tests/reference/pool2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;

TEST_CASE("max_pool2d: a worked example, odd row and column dropped") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({1, 3, 3, 1}, {1, 5, 9, 7, 3, 9, 9, 9, 9}).to(device);
  const kernels::MaxPool2dResult pooled = kernels::max_pool2d(x, {2, 2});
  CHECK(pooled.y.to_vector<float>() == std::vector<float>{7});
  CHECK(pooled.argmax.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{2});
}

TEST_CASE("max_pool2d: padding never wins, not even over -infinity") {
  const Device device = test::each_device();
  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::from<float>({1, 2, 2, 1}, {-3, -2, -4, -infinity}).to(device);
  const kernels::MaxPool2dResult pooled = kernels::max_pool2d(x, {2, 2, 1});
  CHECK(pooled.y.to_vector<float>() == std::vector<float>{-3, -2, -4, -infinity});
  CHECK(pooled.argmax.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{3, 2, 1, 0});
}

TEST_CASE("max_pool2d: of equal values the first in the window gets the gradient") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({1, 2, 2, 1}, {1, 2, 2, 2}).to(device);
  const kernels::MaxPool2dResult pooled = kernels::max_pool2d(x, {2, 2});
  const Tensor dx = kernels::max_pool2d_backward(Tensor::full({1, 1, 1, 1}, 5).to(device), pooled.argmax,
                                                 x.shape(), {2, 2});
  CHECK(dx.to_vector<float>() == std::vector<float>{0, 5, 0, 0});
}

TEST_CASE("max_pool2d: a NaN anywhere in the window comes out") {
  const Device device = test::each_device();
  for (int position = 0; position < 4; ++position) {
    Tensor x = Tensor::full({1, 2, 2, 9}, 3);
    x.data<float>()[position * 9 + 4] = std::nanf("");
    const std::vector<float> y = kernels::max_pool2d(x.to(device), {2, 2}).y.to_vector<float>();
    for (std::size_t c = 0; c < 9; ++c) CHECK(std::isnan(y[c]) == (c == 4));
  }
}

TEST_CASE("max_pool2d: equals the definition for all windows and numbers of threads") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 8, 16, 64, 65, 130}) {
    for (const kernels::PoolWindow window :
         {kernels::PoolWindow{1, 1}, {2, 2}, {2, 1, 1}, {3, 2, 1}, {3, 4}}) {
      CAPTURE(channels, window.size, window.stride, window.padding);
      const Tensor x = test::converted<float>(test::random_ternary({3, 7, 5, channels}, 1));  // many ties
      const Tensor expected = reference::max_pool2d(x, window);
      const Tensor dy =
          test::converted<float>(test::random_ternary(expected.shape(), 2));  // integers: exact in any order
      const Tensor expected_dx = reference::max_pool2d_backward(dy, x, window);
      for (const int count : {1, 3}) {
        const test::ThreadCount threads(count);
        const kernels::MaxPool2dResult pooled = kernels::max_pool2d(x.to(device), window);
        CHECK(pooled.y.to_vector<float>() == expected.to_vector<float>());
        CHECK(kernels::max_pool2d_backward(dy.to(device), pooled.argmax, x.shape(), window)
                  .to_vector<float>() == expected_dx.to_vector<float>());
      }
    }
  }
}

TEST_CASE(
    "max_pool2d_pad_channels: equals pool and padding one by one to the bit, and so does the gradient") {
  const Device device = test::each_device();
  for (const auto& [channels, wider] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {3, 3}, {3, 5}, {4, 6}, {4, 8}, {64, 128}, {65, 130}}) {
    for (const kernels::PoolWindow window : {kernels::PoolWindow{2, 2}, {3, 2, 1}}) {
      for (const DType dtype : {DType::f32, DType::bf16}) {
        CAPTURE(channels, wider, window.size, to_string(dtype));
        const auto random = [&](const Shape& shape, std::uint32_t seed) {
          return kernels::cast(test::random_tensor(shape, seed).to(device), dtype);
        };
        const Tensor x = random({3, 7, 5, channels}, 1);
        const kernels::MaxPool2dResult expected = kernels::max_pool2d(x, window);
        const kernels::MaxPool2dResult actual = kernels::max_pool2d_pad_channels(x, window, wider);
        CHECK(test::bit_difference(actual.y, kernels::pad_channels(expected.y, wider)) == "");
        CHECK(test::bit_difference(actual.argmax, expected.argmax) == "");
        const Tensor dy = random(actual.y.shape(), 2);
        const Tensor narrow_dy = kernels::pad_channels_backward(dy, channels);
        CHECK(test::bit_difference(
                  kernels::max_pool2d_backward(dy, actual.argmax, x.shape(), window),
                  kernels::max_pool2d_backward(narrow_dy, expected.argmax, x.shape(), window)) == "");
      }
    }
  }
}

TEST_CASE("max_pool2d: bad windows and shapes are refused") {
  const Tensor x = Tensor::zeros({1, 40, 40, 2});
  CHECK_THROWS_WITH(kernels::max_pool2d(x, {17, 1}), Catch::Contains("maximum of 16"));
  CHECK_NOTHROW(kernels::max_pool2d(x, {16, 1}));
  CHECK_THROWS_WITH(kernels::max_pool2d(x, {3, 1, 2}), Catch::Contains("padding 2"));
  const Tensor dy = Tensor::zeros({1, 20, 20, 2});
  CHECK_THROWS_WITH(kernels::max_pool2d_backward(dy, Tensor::zeros(dy.shape()), x.shape(), {2, 2}),
                    Catch::Contains("argmax is f32"));
  CHECK_THROWS_AS(kernels::max_pool2d_backward(x, Tensor::zeros(x.shape(), DType::u8), x.shape(), {2, 2}),
                  ShapeError);
  CHECK_THROWS_WITH(kernels::max_pool2d_pad_channels(x, {2, 2}, 1), Catch::Contains("more than 1 channels"));
  CHECK_THROWS_WITH(kernels::max_pool2d_backward(Tensor::zeros({1, 20, 20, 1}),
                                                 Tensor::zeros(dy.shape(), DType::u8), x.shape(), {2, 2}),
                    Catch::Contains("expected (1, 20, 20, 2) or more channels"));
}
