#include "tern/kernels/scale_channels.h"

#include <cmath>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"

using namespace tern;

TEST_CASE("scale_channels: a worked example with and without bias") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({2, 2}, {1, 2, 3, 4}).to(device);
  const Tensor scale = Tensor::from<float>({2}, {10, -1}).to(device);
  const Tensor bias = Tensor::from<float>({2}, {0.5F, 1}).to(device);
  CHECK(kernels::scale_channels(x, scale, {}).to_vector<float>() == std::vector<float>{10, -2, 30, -4});
  CHECK(kernels::scale_channels(x, scale, bias).to_vector<float>() ==
        std::vector<float>{10.5F, -1, 30.5F, -3});
}

TEST_CASE("scale_channels: without bias the product is exact to the sign of zero") {
  const Device device = test::each_device();
  const Tensor y = kernels::scale_channels(Tensor::full({1, 1}, 0.0F).to(device),
                                           Tensor::full({1}, -1).to(device), Tensor());
  CHECK(std::signbit(y.item()));
}

TEST_CASE("scale_channels: integers are scaled as the numbers they are") {
  const Device device = test::each_device();
  const Tensor scale = Tensor::from<float>({2}, {0.5F, -3}).to(device);
  const Tensor expected = Tensor::from<float>({1, 2}, {-16384, -6});
  const Tensor i16 = Tensor::from<std::int16_t>({1, 2}, {-32768, 2}).to(device);
  const Tensor i32 = Tensor::from<std::int32_t>({1, 2}, {-32768, 2}).to(device);
  CHECK(test::bit_difference(kernels::scale_channels(i16, scale, {}), expected) == "");
  CHECK(test::bit_difference(kernels::scale_channels(i32, scale, {}), expected) == "");
  CHECK_THROWS_WITH(kernels::scale_channels(Tensor::zeros({1, 2}, DType::i8), scale, {}),
                    "scale_channels: x is i8, expected i16 or i32");
}

TEST_CASE("scale_channels: shapes that do not fit are refused") {
  const Tensor x = Tensor::zeros({2, 3}), scale = Tensor::zeros({3});
  CHECK_THROWS_WITH(kernels::scale_channels(x, Tensor::zeros({2}), Tensor()),
                    Catch::Contains("scale is (2,)"));
  CHECK_THROWS_WITH(kernels::scale_channels(x, scale, Tensor::zeros({4})), Catch::Contains("bias is (4,)"));
  CHECK_THROWS_AS(kernels::scale_channels(Tensor::zeros({3}), scale, Tensor()), ShapeError);
}
