#include "tern/kernels/batch_norm_prelu.h"

#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/prelu.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;
using kernels::BatchNormPreluGradients;
using kernels::BatchNormTerms;

TEST_CASE("batch_norm_prelu: equals the batch norm and the PReLU to the bit, and so do its gradients") {
  const Device device = test::each_device();
  const DType dtype = GENERATE(DType::f32, DType::bf16);
  for (const std::int64_t channels : {1, 3, 16, 33, 64, 300}) {
    for (const std::int64_t rows : {1, 2, 86, 257}) {
      INFO(to_string(dtype) << ", " << rows << " rows of " << channels << " channels");
      const auto random = [&](std::uint32_t seed) {
        return kernels::cast(test::random_tensor({rows, channels}, seed, -2.0F, 2.0F), dtype).to(device);
      };
      const Tensor x = random(1), dy = random(2), before = dy.clone();
      const Tensor slope = test::random_tensor({channels}, 3).to(device);  // of both signs
      const BatchNormTerms terms = test::to(test::random_terms(channels, 4), device);
      const Tensor t = kernels::batch_norm(x, terms, "bn");
      CHECK(test::bit_difference(kernels::batch_norm_prelu(x, terms, slope, "bn"),
                                 kernels::prelu(t, slope)) == "");
      const kernels::PreluGradients of_prelu = kernels::prelu_backward(dy, t, slope);
      for (const bool batch_statistics : {true, false}) {
        const kernels::BatchNormGradients expected =
            kernels::batch_norm_backward(of_prelu.dx, x, terms, batch_statistics);
        const BatchNormPreluGradients actual =
            kernels::batch_norm_prelu_backward(dy, x, terms, slope, batch_statistics);
        CHECK(test::bit_difference(actual.batch_norm.dx, expected.dx) == "");
        CHECK(test::bit_difference(actual.batch_norm.dgamma, expected.dgamma) == "");
        CHECK(test::bit_difference(actual.batch_norm.dbeta, expected.dbeta) == "");
        CHECK(test::bit_difference(actual.dslope, of_prelu.dslope) == "");
      }
      CHECK(test::bit_difference(dy, before) == "");
    }
  }
}

TEST_CASE("batch_norm_prelu: with a max pool it equals all three to the bit, and so do its gradients") {
  const Device device = test::each_device();
  const DType dtype = GENERATE(DType::f32, DType::bf16);
  const kernels::PoolWindow window = GENERATE(kernels::PoolWindow{3, 2, 1}, kernels::PoolWindow{2, 2});
  for (const std::int64_t channels : {1, 16, 33}) {
    INFO(to_string(dtype) << ", window of " << window.size << ", " << channels << " channels");
    const auto random = [&](const Shape& shape, std::uint32_t seed) {
      return kernels::cast(test::random_tensor(shape, seed, -2.0F, 2.0F), dtype).to(device);
    };
    const Tensor x = random({3, 9, 7, channels}, 1);
    const Tensor slope = test::random_tensor({channels}, 3).to(device);
    const BatchNormTerms terms = test::to(test::random_terms(channels, 4), device);
    const kernels::MaxPool2dResult expected =
        kernels::max_pool2d(kernels::batch_norm_prelu(x, terms, slope, "bn"), window);
    const kernels::BatchNormPreluPooled actual =
        kernels::batch_norm_prelu_max_pool2d(x, terms, slope, window, "bn", true);
    CHECK(test::bit_difference(actual.pooled.y, expected.y) == "");
    CHECK(test::bit_difference(actual.pooled.argmax, expected.argmax) == "");
    const kernels::ChannelStatistics statistics = kernels::channel_statistics(expected.y);
    CHECK(test::bit_difference(actual.statistics.mean, statistics.mean) == "");
    CHECK(test::bit_difference(actual.statistics.variance, statistics.variance) == "");
    CHECK_FALSE(
        kernels::batch_norm_prelu_max_pool2d(x, terms, slope, window, "bn", false).statistics.mean.defined());
    const Tensor dy = random(expected.y.shape(), 2);
    const BatchNormPreluGradients parts = kernels::batch_norm_prelu_backward(
        kernels::max_pool2d_backward(dy, expected.argmax, x.shape(), window), x, terms, slope, true);
    const BatchNormPreluGradients whole =
        kernels::batch_norm_prelu_max_pool2d_backward(dy, expected.argmax, x, terms, slope, window, true);
    CHECK(test::bit_difference(whole.batch_norm.dx, parts.batch_norm.dx) == "");
    CHECK(test::bit_difference(whole.batch_norm.dgamma, parts.batch_norm.dgamma) == "");
    CHECK(test::bit_difference(whole.batch_norm.dbeta, parts.batch_norm.dbeta) == "");
    CHECK(test::bit_difference(whole.dslope, parts.dslope) == "");
  }
}

TEST_CASE("batch_norm_prelu: a NaN or an infinity is an error that names the layer") {
  const Device device = test::each_device();
  const BatchNormTerms terms = test::to(test::random_terms(3, 4), device);
  const Tensor slope = Tensor::zeros({3}).to(device);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Tensor x = test::random_tensor({500, 3}, 5);
    x.data<float>()[1499] = bad;
    x = x.to(device);
    CHECK_THROWS_AS(kernels::batch_norm_prelu(x, terms, slope, "bn"), NumericError);
    CHECK_THROWS_WITH(kernels::batch_norm_prelu(x, terms, slope, "bn"), Catch::Contains("bn: "));
    CHECK_THROWS_WITH(
        kernels::batch_norm_prelu_max_pool2d(x.reshape({1, 25, 20, 3}), terms, slope, {2, 2, 1}, "bn", false),
        Catch::Contains("bn: "));
  }
}

TEST_CASE("batch_norm_prelu: arguments that do not fit together are named") {
  const BatchNormTerms terms = test::random_terms(3, 6);
  const Tensor x = Tensor::zeros({4, 3});
  CHECK_THROWS_WITH(kernels::batch_norm_prelu(x, terms, Tensor::zeros({4}), "bn"),
                    "batch_norm_prelu: slope is (4,), expected one value for each of 3 channels");
  CHECK_THROWS_WITH(
      kernels::batch_norm_prelu_backward(Tensor::zeros({5, 3}), x, terms, Tensor::zeros({3}), true),
      "batch_norm_prelu_backward: dy is f32 (5, 3) but x is f32 (4, 3)");
  const Tensor images = Tensor::zeros({1, 4, 4, 3}), slope = Tensor::zeros({3});
  CHECK_THROWS_WITH(kernels::batch_norm_prelu_max_pool2d(images, terms, slope, {17, 1, 8}, "bn", false),
                    Catch::Contains("maximum of 16"));
  const auto backward = [&](const Tensor& dy, const Tensor& argmax) {
    return kernels::batch_norm_prelu_max_pool2d_backward(dy, argmax, images, terms, slope, {2, 2}, true);
  };
  const Tensor argmax = Tensor::zeros({1, 2, 2, 3}, DType::u8);
  CHECK_THROWS_WITH(backward(images, argmax), Catch::Contains("dy is (1, 4, 4, 3), expected (1, 2, 2, 3)"));
  CHECK_THROWS_WITH(backward(Tensor::zeros({1, 2, 2, 3}, DType::bf16), argmax),
                    Catch::Contains("dy is bf16 but x is f32"));
}
