#include "tern/kernels/prelu.h"

#include <cmath>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;

TEST_CASE("prelu: a worked example with a negative slope") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({3, 2}, {1, 2, -4, -4, 0, -1}).to(device);
  const Tensor slope = Tensor::from<float>({2}, {0.25F, -0.5F}).to(device);
  CHECK(kernels::prelu(x, slope).to_vector<float>() == std::vector<float>{1, 2, -1, 2, 0, 0.5F});
  const Tensor dy = Tensor::from<float>({3, 2}, {1, 2, 3, 4, 5, 6}).to(device);
  const kernels::PreluGradients gradients = kernels::prelu_backward(dy, x, slope);
  CHECK(gradients.dx.to_vector<float>() == std::vector<float>{1, 2, 0.75F, -2, 1.25F, -3});
  CHECK(gradients.dslope.to_vector<float>() == std::vector<float>{-12, -22});
}

TEST_CASE("prelu: with shifts it is prelu(x + before) + after") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({3, 2}, {1, 2, -4, -4, 0, -1}).to(device);
  const Tensor slope = Tensor::from<float>({2}, {0.25F, -0.5F}).to(device);
  const Tensor before = Tensor::from<float>({2}, {-1, 3}).to(device);
  const Tensor after = Tensor::from<float>({2}, {0.5F, -2}).to(device);
  CHECK(kernels::prelu(x, slope, {before, after}).to_vector<float>() ==
        std::vector<float>{0.5F, 3, -0.75F, -1.5F, 0.25F, 0});
  const Tensor dy = Tensor::from<float>({3, 2}, {1, 2, 3, 4, 5, 6}).to(device);
  const kernels::PreluGradients gradients = kernels::prelu_backward(dy, x, slope, before);
  CHECK(gradients.dx.to_vector<float>() == std::vector<float>{0.25F, 2, 0.75F, -2, 1.25F, 6});
  CHECK(gradients.dslope.to_vector<float>() == std::vector<float>{-20, -4});
  CHECK_THROWS_WITH(kernels::prelu(x, slope, {before, Tensor()}), Catch::Contains("shifts is missing"));
}

TEST_CASE("prelu: agrees with the definition around the tile size") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 8, 16, 64, 255, 256, 300}) {
    for (const std::int64_t rows : {0, 1, 31, 700}) {
      CAPTURE(channels, rows);
      const Tensor x = test::random_tensor({rows, channels}, 1);
      const Tensor dy = test::random_tensor({rows, channels}, 2);
      const Tensor slope = test::random_tensor({channels}, 3);
      std::vector<float> y(static_cast<std::size_t>(x.numel())), dx(y.size());
      std::vector<double> dslope(static_cast<std::size_t>(channels), 0.0);
      for (std::size_t i = 0; i < y.size(); ++i) {
        const std::size_t c = i % dslope.size();
        const float value = x.data<float>()[i], upstream = dy.data<float>()[i], a = slope.data<float>()[c];
        y[i] = value > 0 ? value : a * value;
        dx[i] = value > 0 ? upstream : a * upstream;
        if (value <= 0) dslope[c] += double{upstream} * value;
      }
      CHECK(kernels::prelu(x.to(device), slope.to(device)).to_vector<float>() == y);
      const kernels::PreluGradients gradients =
          kernels::prelu_backward(dy.to(device), x.to(device), slope.to(device));
      const std::vector<float> actual_dslope = gradients.dslope.to_vector<float>();
      CHECK(gradients.dx.to_vector<float>() == dx);
      for (std::size_t c = 0; c < dslope.size(); ++c) {
        // Partial sums of at most 16 * 256 terms below 1 in f32 (on a GPU 16 terms), the rest in double.
        REQUIRE(std::abs(actual_dslope[c] - dslope[c]) < 1e-4);
      }
    }
  }
}

TEST_CASE("prelu: writes the gradient over dy only if nobody else holds it") {
  const Device device = test::each_device();
  const Tensor x = test::random_tensor({40, 16}, 1).to(device);
  const Tensor slope = test::random_tensor({16}, 2).to(device);
  const Tensor kept = test::random_tensor({40, 16}, 3).to(device);
  const std::vector<float> before = kept.to_vector<float>();
  Tensor given = kept.clone();
  const void* storage = given.raw();
  const kernels::PreluGradients apart = kernels::prelu_backward(kept, x, slope);
  const kernels::PreluGradients in_place = kernels::prelu_backward(std::move(given), x, slope);
  CHECK(kept.to_vector<float>() == before);
  CHECK(in_place.dx.raw() == storage);
  CHECK(in_place.dx.to_vector<float>() == apart.dx.to_vector<float>());
  CHECK(in_place.dslope.to_vector<float>() == apart.dslope.to_vector<float>());
}

TEST_CASE("prelu: the slope gradient does not depend on the number of threads") {
  const Tensor x = test::random_tensor({100000, 16}, 1);
  const Tensor dy = test::random_tensor({100000, 16}, 2);
  const Tensor slope = test::random_tensor({16}, 3);
  const test::ThreadCount threads(1);
  const auto dslope = kernels::prelu_backward(dy, x, slope).dslope.to_vector<float>();
  set_thread_count(3);
  CHECK(kernels::prelu_backward(dy, x, slope).dslope.to_vector<float>() == dslope);
}

TEST_CASE("prelu: a NaN stays a NaN") {
  const Device device = test::each_device();
  const Tensor y =
      kernels::prelu(Tensor::full({1, 1}, std::nanf("")).to(device), Tensor::zeros({1}).to(device));
  CHECK(std::isnan(y.item()));
}

TEST_CASE("prelu: shapes that do not fit are refused") {
  const Tensor x = Tensor::zeros({2, 3}), slope = Tensor::zeros({3});
  CHECK_THROWS_WITH(kernels::prelu(x, Tensor::zeros({2})), Catch::Contains("each of 3 channels"));
  CHECK_THROWS_AS(kernels::prelu(Tensor::zeros({3}), slope), ShapeError);
  CHECK_THROWS_AS(kernels::prelu(Tensor::zeros({2, 0}), Tensor::zeros({0})), ShapeError);
  CHECK_THROWS_AS(kernels::prelu(Tensor::zeros({2, 3}, DType::i32), slope), ShapeError);
  CHECK_THROWS_AS(kernels::prelu(Tensor(), slope), ShapeError);
  CHECK_THROWS_AS(kernels::prelu_backward(Tensor::zeros({3, 3}), x, slope), ShapeError);
}
