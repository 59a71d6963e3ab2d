#include "tern/kernels/ternary_conv2d.h"

#include "tern/core/error.h"
#include "tern/kernels/channel_sums.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/scale_channels.h"
#include "tests/reference/conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/ternary_convolution_check.h"

using namespace tern;
using kernels::Conv2dParameters;

namespace {

Tensor all(const Shape& shape, std::int8_t value) {
  return Tensor::from<std::int8_t>(shape,
                                   std::vector<std::int8_t>(static_cast<std::size_t>(shape.numel()), value));
}

}  // namespace

TEST_CASE("ternary_conv2d: random problems equal the integer convolution exactly") {
  const WeightLevels levels = GENERATE(WeightLevels::three, WeightLevels::four);
  test::check_ternary_convolution(
      test::each_device(),
      [levels](const Tensor& x, const Tensor& t, const Conv2dParameters& p) {
        return kernels::ternary_conv2d(x, t, p, levels);
      },
      levels);
}

TEST_CASE("ternary_conv2d: the longest sums of a ResNet-18 reach their bound exactly") {
  const Device device = test::each_device();
  const Tensor x = all({1, 4, 4, 512}, -1).to(device), t = all({8, 3, 3, 512}, 1).to(device);
  const Tensor z = kernels::ternary_conv2d(x, t, {1, 0});
  CHECK(z.to_vector<std::int16_t>() == std::vector<std::int16_t>(32, -4608));
}

TEST_CASE("ternary_conv2d: sums beyond 16 bits are 32-bit integers") {
  const Device device = test::each_device();
  const Tensor narrow = all({1, 1, 1, 32767}, 1).to(device), wide = all({1, 1, 1, 32768}, 1).to(device);
  CHECK(kernels::ternary_conv2d(narrow, narrow, {}).to_vector<std::int16_t>() ==
        std::vector<std::int16_t>{32767});
  CHECK(kernels::ternary_conv2d(wide, wide, {}).to_vector<std::int32_t>() ==
        std::vector<std::int32_t>{32768});
  CHECK(kernels::ternary_conv2d_dtype({9, 3, 3, 3640}) == DType::i16);
  CHECK(kernels::ternary_conv2d_dtype({9, 3, 3, 3641}) == DType::i32);
}

TEST_CASE("ternary_conv2d: with weights of four levels sums are three times as large, and as exact") {
  const Device device = test::each_device();
  const WeightLevels four = WeightLevels::four;
  CHECK(kernels::ternary_conv2d_dtype({9, 1, 1, 10922}, four) == DType::i16);
  CHECK(kernels::ternary_conv2d_dtype({9, 1, 1, 10923}, four) == DType::i32);
  CHECK_THROWS_WITH(kernels::ternary_conv2d_dtype({1, 1, 1, (1 << 24) / 3 + 1}, four),
                    Catch::Contains("2^24"));
  for (const std::int64_t channels : {10922, 10923}) {
    const Tensor x = all({1, 1, 1, channels}, -1).to(device), t = all({2, 1, 1, channels}, 3).to(device);
    const auto sum = static_cast<double>(-3 * channels);
    CHECK(test::difference(kernels::ternary_conv2d(x, t, {}, four), {sum, sum}, 0.0) == "");
    const Tensor scale = Tensor::from<float>({2}, {0.5F, 2}).to(device);
    CHECK(test::difference(kernels::scaled_ternary_conv2d(x, t, scale, {}, {}, four), {sum / 2, 2 * sum},
                           0.0) == "");
    const kernels::IntegersWithSums both = kernels::ternary_conv2d_with_sums(x, t, {}, four);
    CHECK(test::difference(both.z, {sum, sum}, 0.0) == "");
    CHECK(test::bit_difference(both.sums, kernels::channel_sums(both.z)) == "");
  }
}

TEST_CASE(
    "ternary_conv2d: sums beside the result are those of its channels, over tiles of a GPU and their ends") {
  const Device device = test::each_device();
  const auto check = [device](const Shape& images, const Shape& filters, const Conv2dParameters& p) {
    INFO("x " << to_string(images) << ", t " << to_string(filters));
    const Tensor x = test::random_ternary(images, 1).to(device),
                 t = test::random_ternary(filters, 2).to(device);
    const kernels::IntegersWithSums both = kernels::ternary_conv2d_with_sums(x, t, p);
    const Tensor z = kernels::ternary_conv2d(x.to(Device{}), t.to(Device{}), p);
    CHECK(test::bit_difference(both.z, z) == "");
    CHECK(test::bit_difference(both.sums, kernels::channel_sums(z)) == "");
  };
  check({2, 12, 11, 20}, {40, 3, 3, 20}, {1, 1});  // 264 pixels, 40 filters
  check({1, 16, 8, 48}, {136, 1, 1, 48}, {1, 0});  // 128 pixels, 136 filters
  check({1, 1, 2, 32768}, {1, 1, 1, 32768}, {});   // as i32
}

TEST_CASE("scaled_ternary_conv2d: to the bit what scale_channels makes of the integers") {
  const Device device = test::each_device();
  const auto check = [device](const Shape& images, const Shape& filters, const Conv2dParameters& p) {
    INFO("x " << to_string(images) << ", t " << to_string(filters));
    const Tensor x = test::random_ternary(images, 1).to(device),
                 t = test::random_ternary(filters, 2).to(device);
    const Tensor scale = test::random_tensor({filters[0]}, 3).to(device);
    const Tensor z = kernels::ternary_conv2d(x, t, p);
    for (const Tensor& bias : {test::random_tensor({filters[0]}, 4).to(device), Tensor()}) {
      CHECK(test::bit_difference(kernels::scaled_ternary_conv2d(x, t, scale, bias, p),
                                 kernels::scale_channels(z, scale, bias)) == "");
    }
  };
  check({2, 12, 11, 20}, {40, 3, 3, 20}, {1, 1});  // 264 pixels, 40 filters
  check({1, 16, 8, 48}, {133, 1, 1, 48}, {1, 0});  // 128 pixels; 133 filters are no multiple of 8
  check({1, 1, 2, 32768}, {1, 1, 1, 32768}, {});   // sums beyond 16 bits
}

TEST_CASE("ternary_conv2d: no images give no sums") {
  const Device device = test::each_device();
  const Tensor x = all({0, 5, 5, 3}, 0).to(device), t = all({4, 3, 3, 3}, 0).to(device);
  CHECK(kernels::ternary_conv2d(x, t, {1, 1}).shape() == Shape{0, 5, 5, 4});
  CHECK(kernels::ternary_conv2d_with_sums(x, t, {1, 1}).sums.to_vector<std::int64_t>() ==
        std::vector<std::int64_t>(8, 0));
}

TEST_CASE("ternary_conv2d: gradients are those of the float convolution") {
  const Device device = test::each_device();
  const Tensor x = test::random_ternary({2, 5, 6, 9}, 1), t = test::random_ternary({7, 3, 3, 9}, 2);
  const Conv2dParameters p{2, 1};
  const Tensor dz = test::random_tensor({2, 3, 3, 7}, 3);
  // Sums of at most 63 and 18 terms below one.
  const Tensor device_dz = dz.to(device);
  CHECK(test::difference(kernels::ternary_conv2d_backward_data(device_dz, t.to(device), x.shape(), p),
                         reference::conv2d_backward_data(dz, t, x.shape(), p), 63 * 63 * test::kUnit) == "");
  const PackedTernary packed = kernels::pack_ternary(x.to(device));
  CHECK(test::difference(kernels::ternary_conv2d_backward_weights(device_dz, packed, t.shape(), p),
                         reference::conv2d_backward_weights(dz, x, t.shape(), p),
                         18 * 18 * test::kUnit) == "");
}

TEST_CASE("ternary_conv2d: arguments that do not fit together are named") {
  const Tensor x = all({2, 5, 5, 3}, 0), t = all({4, 3, 3, 3}, 0);
  CHECK_THROWS_WITH(kernels::ternary_conv2d(x, all({4, 3, 3, 8}, 0), {1, 1}),
                    "ternary_conv2d: x is (2, 5, 5, 3) but w is (4, 3, 3, 8); input channels differ");
  CHECK_THROWS_WITH(kernels::ternary_conv2d(x, Tensor(), {1, 1}), "ternary_conv2d: t is undefined");
  CHECK_THROWS_WITH(kernels::ternary_conv2d(Tensor::zeros({2, 5, 5, 3}), t, {1, 1}),
                    "ternary_conv2d: x is f32, expected i8");
  CHECK_THROWS_WITH(kernels::scaled_ternary_conv2d(x, t, Tensor::zeros({3}), {}, {1, 1}),
                    "scaled_ternary_conv2d: scale is (3,), expected one value for each of 4 channels");
  CHECK_THROWS_WITH(kernels::scaled_ternary_conv2d(x, t, Tensor::zeros({4}), Tensor::zeros({5}), {1, 1}),
                    "scaled_ternary_conv2d: bias is (5,), expected one value for each of 4 channels");
  const Tensor dz = Tensor::zeros({2, 6, 5, 4});
  CHECK_THROWS_WITH(kernels::ternary_conv2d_backward_data(dz, t, x.shape(), {1, 1}),
                    "ternary_conv2d_backward_data: dy is (2, 6, 5, 4), expected (2, 5, 5, 4)");
  CHECK_THROWS_WITH(kernels::ternary_conv2d_backward_weights(dz, kernels::pack_ternary(x), t.shape(), {1, 1}),
                    "ternary_conv2d_backward_weights: dy is (2, 6, 5, 4), expected (2, 5, 5, 4)");
  CHECK_THROWS_WITH(kernels::ternary_conv2d_backward_weights(dz, PackedTernary(), t.shape(), {1, 1}),
                    "ternary_conv2d_backward_weights: x is undefined");
}

TEST_CASE("ternary_conv2d: a filter whose sum could exceed 2^24 is refused") {
  const Tensor x = all({0, 1, 1, (1 << 24) + 1}, 0);
  CHECK_THROWS_WITH(kernels::ternary_conv2d(x, Tensor::empty({1, 1, 1, (1 << 24) + 1}, DType::i8), {}),
                    Catch::Contains("2^24"));
}
