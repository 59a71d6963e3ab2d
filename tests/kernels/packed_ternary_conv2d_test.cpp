#include "tern/kernels/packed_ternary_conv2d.h"

#include "tern/core/error.h"
#include "tern/kernels/pack_ternary.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/ternary_convolution_check.h"

using namespace tern;
using kernels::pack_ternary;

TEST_CASE("packed_ternary_conv2d: random problems equal the integer convolution exactly") {
  test::check_ternary_convolution(
      test::each_device(), [](const Tensor& x, const Tensor& t, const kernels::Conv2dParameters& parameters) {
        return kernels::packed_ternary_conv2d(pack_ternary(x), pack_ternary(t), parameters);
      });
}

TEST_CASE("packed_ternary_conv2d: sums beyond 16 bits are 32-bit integers") {
  const Device device = test::each_device();
  const Tensor ones = Tensor::from<std::int8_t>({1, 1, 1, 32768}, std::vector<std::int8_t>(32768, 1));
  const PackedTernary packed = pack_ternary(ones.to(device));
  CHECK(kernels::packed_ternary_conv2d(packed, packed, {}).to_vector<std::int32_t>() ==
        std::vector<std::int32_t>{32768});
}

TEST_CASE("packed_ternary_conv2d: no images give no sums") {
  const Device device = test::each_device();
  const Tensor x = Tensor::zeros({0, 5, 5, 3}, DType::i8, device),
               t = Tensor::zeros({4, 3, 3, 3}, DType::i8, device);
  CHECK(kernels::packed_ternary_conv2d(pack_ternary(x), pack_ternary(t), {1, 1}).shape() ==
        Shape{0, 5, 5, 4});
}

TEST_CASE("packed_ternary_conv2d: arguments that do not fit together are named") {
  const PackedTernary x = pack_ternary(Tensor::zeros({2, 5, 5, 3}, DType::i8));
  const PackedTernary t = pack_ternary(Tensor::zeros({4, 3, 3, 8}, DType::i8));
  CHECK_THROWS_WITH(kernels::packed_ternary_conv2d(x, t, {1, 1}),
                    "packed_ternary_conv2d: x is (2, 5, 5, 3) but w is (4, 3, 3, 8); input channels differ");
  CHECK_THROWS_WITH(kernels::packed_ternary_conv2d(PackedTernary(), t, {1, 1}),
                    "packed_ternary_conv2d: x is undefined");
  CHECK_THROWS_WITH(kernels::packed_ternary_conv2d(x, PackedTernary(), {1, 1}),
                    "packed_ternary_conv2d: t is undefined");
}
