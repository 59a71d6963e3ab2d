#include "tern/kernels/weighted_sum.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"

using namespace tern;

namespace {

Tensor expected_sum(float a, const Tensor& x, float b, const Tensor& y) {
  std::vector<float> sums = x.to_vector<float>();
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const volatile float ax = a * sums[i], by = b * y.data<float>()[i];  // rounded, before they are added
    sums[i] = ax + by;
  }
  return Tensor::from(x.shape(), sums);
}

}  // namespace

TEST_CASE("weighted_sum: rounds products and sum separately, to the bit") {
  const Device device = test::each_device();
  for (const std::int64_t size : {0, 1, 33, 40'000}) {
    const Tensor x = test::random_tensor({size}, 1), y = test::random_tensor({size}, 2);
    const Tensor sum = kernels::weighted_sum(0.3F, x.to(device), -1.7F, y.to(device));
    CHECK(test::bit_difference(sum, expected_sum(0.3F, x, -1.7F, y)) == "");
  }
  const Tensor scalar = kernels::weighted_sum(3, Tensor::full(Shape{}, 2).to(device));
  CHECK(scalar.shape() == Shape{});
  CHECK(scalar.item() == 6);
}

TEST_CASE("update_average: moves the average in place by the rest of the decay") {
  const Device device = test::each_device();
  const Tensor before = test::random_tensor({7, 9}, 1), x = test::random_tensor({7, 9}, 2);
  Tensor average = before.clone().to(device);
  kernels::update_average(average, x.to(device), 0.75F);
  CHECK(test::bit_difference(average, expected_sum(0.75F, before, 0.25F, x)) == "");
}

TEST_CASE("weighted_sum: other shapes and types, and a decay outside [0, 1], are refused") {
  const Tensor x = Tensor::zeros({3});
  Tensor average = Tensor::zeros({3});
  CHECK_THROWS_AS(kernels::weighted_sum(1, x, 1, Tensor::zeros({4})), ShapeError);
  CHECK_THROWS_AS(kernels::weighted_sum(1, Tensor::zeros({3}, DType::i64)), ShapeError);
  CHECK_THROWS_AS(kernels::update_average(average, x, 1.5F), ShapeError);
  CHECK_THROWS_AS(kernels::update_average(average, Tensor::zeros({4}), 0.5F), ShapeError);
}
