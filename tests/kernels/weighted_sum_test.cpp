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

TEST_CASE("update_averages: moves each average in place by the rest of the decay, however many there are") {
  const Device device = test::each_device();
  std::vector<Tensor> before, x;
  std::vector<kernels::MovingAverage> averages;
  for (std::uint32_t i = 0; i < 200; ++i) {  // more than one launch takes
    const Shape shape{i == 100 ? 1000 : (i == 7 ? 0 : 3), 9};
    before.push_back(test::random_tensor(shape, 2 * i));
    x.push_back(test::random_tensor(shape, 2 * i + 1));
    averages.push_back({before.back().clone().to(device), x.back().to(device)});
  }
  kernels::update_averages(averages, 0.75F);
  for (std::size_t i = 0; i < averages.size(); ++i) {
    INFO(i);
    CHECK(test::bit_difference(averages[i].average, expected_sum(0.75F, before[i], 0.25F, x[i])) == "");
  }
  std::vector<kernels::MovingAverage> none;
  kernels::update_averages(none, 0.75F);
}

TEST_CASE("weighted_sum: other shapes and types, and a decay outside [0, 1], are refused") {
  const Tensor x = Tensor::zeros({3});
  std::vector<kernels::MovingAverage> averages{{Tensor::zeros({3}), x}};
  CHECK_THROWS_AS(kernels::weighted_sum(1, x, 1, Tensor::zeros({4})), ShapeError);
  CHECK_THROWS_AS(kernels::weighted_sum(1, Tensor::zeros({3}, DType::i64)), ShapeError);
  CHECK_THROWS_AS(kernels::update_averages(averages, 1.5F), ShapeError);
  averages.front().x = Tensor::zeros({4});
  CHECK_THROWS_AS(kernels::update_averages(averages, 0.5F), ShapeError);
}
