#include "tern/kernels/ternary_activation.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;

namespace {

struct Case {
  float x;
  int ternary, binary;
  float gradient;  // for dy = 1, of both
};

const float kInfinity = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

const std::vector<Case> kCases = {
    {0.0F, 0, 1, 1},
    {-0.0F, 0, 1, 1},
    {0.5F, 1, 1, 1},
    {std::nextafter(0.5F, 0.0F), 0, 1, 1},
    {std::nextafter(0.5F, 1.0F), 1, 1, 1},
    {-0.5F, 0, -1, 1},
    {std::nextafter(-0.5F, 0.0F), 0, -1, 1},
    {std::nextafter(-0.5F, -1.0F), -1, -1, 1},
    {1.0F, 1, 1, 1},
    {std::nextafter(1.0F, 2.0F), 1, 1, 0},
    {-1.0F, -1, -1, 1},
    {std::nextafter(-1.0F, -2.0F), -1, -1, 0},
    {std::numeric_limits<float>::denorm_min(), 0, 1, 1},
    {std::numeric_limits<float>::max(), 1, 1, 0},
    {kInfinity, 1, 1, 0},
    {-kInfinity, -1, -1, 0},
    {kNan, 0, 1, 0},
};

}  // namespace

TEST_CASE("ternary_activation: thresholds and straight-through gradient at the edges") {
  const Device device = test::each_device();
  for (const Case& c : kCases) {
    INFO("x = " << c.x);
    const Tensor x = Tensor::full({1}, c.x).to(device);
    const Tensor dy = Tensor::full({1}, -2.5F).to(device);
    const kernels::TernaryActivationResult ternary = kernels::ternary_activation(x);
    CHECK(ternary.y.to_vector<std::int8_t>()[0] == c.ternary);
    CHECK(kernels::ternary_activation_backward(dy, ternary.mask).item() == -2.5F * c.gradient);
    const kernels::TernaryActivationResult binary = kernels::binary_activation(x);
    CHECK(binary.y.to_vector<std::int8_t>()[0] == c.binary);
    CHECK(kernels::ternary_activation_backward(dy, binary.mask).item() == -2.5F * c.gradient);
  }
}

TEST_CASE("ternary_activation: long tensors are done whole, on any number of threads") {
  const Device device = test::each_device();
  for (const int threads : {1, 2, 3}) {
    if (device.type != DeviceType::cpu && threads > 1) break;
    const test::ThreadCount scope(threads);
    for (const std::int64_t size : {0, 1, 63, 64, 65, 128, 16384, 16385, 50001}) {
      INFO(size << " elements, " << threads << " threads");
      const Tensor x = test::random_tensor({size}, 1, -2.0F, 2.0F), dy = test::random_tensor({size}, 2);
      std::vector<double> y(static_cast<std::size_t>(size)), binary(y), dx(y);
      for (std::size_t i = 0; i < y.size(); ++i) {
        const float value = x.data<float>()[i];
        y[i] = value >= 0.5F ? 1 : (value < -0.5F ? -1 : 0);
        binary[i] = value < 0 ? -1 : 1;
        dx[i] = value >= -1.0F && value <= 1.0F ? dy.data<float>()[i] : 0.0F;
      }
      const kernels::TernaryActivationResult result = kernels::ternary_activation(x.to(device));
      CHECK(test::difference(result.y, y, 0.0) == "");
      CHECK(test::difference(kernels::ternary_activation_backward(dy.to(device), result.mask), dx, 0.0) ==
            "");
      const kernels::TernaryActivationResult signs = kernels::binary_activation(x.to(device));
      CHECK(test::difference(signs.y, binary, 0.0) == "");
      CHECK(test::bit_difference(signs.mask, result.mask.to(Device{})) == "");
    }
  }
}

TEST_CASE("ternary_activation: the mask holds one bit per element, and zeros beyond the last") {
  const Device device = test::each_device();
  for (const std::int64_t size : {0, 1, 63, 64, 65, 128}) {
    const Tensor mask = kernels::ternary_activation(Tensor::full({size}, 1.0F).to(device)).mask.to(Device{});
    REQUIRE(mask.numel() == (size + 63) / 64);
    for (std::int64_t bit = 0; bit < 64 * mask.numel(); ++bit) {
      CHECK((mask.data<std::int64_t>()[bit / 64] >> (bit % 64) & 1) == (bit < size ? 1 : 0));
    }
  }
}

TEST_CASE("ternary_activation: arguments that do not fit together are named") {
  CHECK_THROWS_WITH(kernels::ternary_activation(Tensor()), "ternary_activation: x is undefined");
  CHECK_THROWS_WITH(kernels::binary_activation(Tensor()), Catch::Contains("x is undefined"));
  CHECK_THROWS_WITH(kernels::ternary_activation(Tensor::zeros({2}, DType::i8)),
                    "ternary_activation: x is i8, expected f32");
  const Tensor mask = kernels::ternary_activation(Tensor::zeros({64})).mask;
  CHECK_THROWS_WITH(kernels::ternary_activation_backward(Tensor::zeros({65}), mask),
                    "ternary_activation_backward: dy is (65,) but the mask has 1 words, expected 2");
  CHECK_THROWS_WITH(kernels::ternary_activation_backward(Tensor::zeros({1}), Tensor::zeros({1})),
                    "ternary_activation_backward: mask is f32, expected i64");
}
