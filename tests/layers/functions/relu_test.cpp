#include "tern/layers/functions/relu.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/kernels/relu.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("relu: a worked example, zero passes no gradient") {
  const Device device = test::each_device();
  const Variable x(Tensor::from<float>({5}, {-2, -0.5F, 0, 0.5F, 2}).to(device), true);
  const Variable y = relu(x);
  CHECK(y.value().to_vector<float>() == std::vector<float>{0, 0, 0, 0.5F, 2});
  y.backward(Tensor::full({5}, 3).to(device));
  CHECK(x.grad().to_vector<float>() == std::vector<float>{0, 0, 0, 3, 3});
}

TEST_CASE("relu: gradcheck away from the kink") {
  const Device device = test::each_device();
  Tensor values = test::random_tensor({4, 33}, 1);
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    values.data<float>()[i] += values.data<float>()[i] > 0 ? 0.1F : -0.1F;
  }
  const auto f = [](const std::vector<Variable>& v) { return relu(v[0]); };
  CHECK(test::gradcheck(f, {Variable(values.to(device), true)}) == "");
}

TEST_CASE("relu: a NaN stays a NaN") {
  const Device device = test::each_device();
  CHECK(std::isnan(kernels::relu(Tensor::full({1}, std::nanf("")).to(device)).item()));
}

TEST_CASE("relu: the gradient is written over dy only if nobody else holds it") {
  const Device device = test::each_device();
  const Tensor y = Tensor::from<float>({2}, {0, 1}).to(device);
  const Tensor kept = Tensor::full({2}, 7).to(device);
  Tensor given = kept.clone();
  const void* storage = given.raw();
  CHECK(kernels::relu_backward(kept, y).to_vector<float>() == std::vector<float>{0, 7});
  CHECK(kept.to_vector<float>() == std::vector<float>{7, 7});
  const Tensor dx = kernels::relu_backward(std::move(given), y);
  CHECK(dx.raw() == storage);
  CHECK(dx.to_vector<float>() == std::vector<float>{0, 7});
}

TEST_CASE("relu: other dtypes and shapes that differ are refused") {
  CHECK_THROWS_AS(kernels::relu(Tensor::zeros({2}, DType::i32)), ShapeError);
  CHECK_THROWS_AS(kernels::relu(Tensor()), ShapeError);
  CHECK_THROWS_AS(kernels::relu_backward(Tensor::zeros({3}), Tensor::zeros({2})), ShapeError);
}
