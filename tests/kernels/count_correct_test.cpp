#include "tern/kernels/count_correct.h"

#include <algorithm>
#include <cmath>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

Tensor labels(const std::vector<std::int64_t>& values) {
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

std::int64_t count_on(Device device, const Tensor& logits, const std::vector<std::int64_t>& classes,
                      std::int64_t k) {
  return kernels::count_correct(logits.to(device), labels(classes).to(device), k);
}

}  // namespace

TEST_CASE("count_correct: a worked example for several k") {
  const Device device = test::each_device();
  const Tensor logits = Tensor::from<float>({3, 4}, {4, 3, 2, 1, 1, 2, 3, 4, 0, 5, -1, 2});
  CHECK(count_on(device, logits, {0, 2, 0}, 1) == 1);
  CHECK(count_on(device, logits, {0, 2, 0}, 2) == 2);
  CHECK(count_on(device, logits, {0, 2, 0}, 3) == 3);
  CHECK(count_on(device, logits, {3, 0, 2}, 5) == 3);
}

TEST_CASE("count_correct: of equal logits the lower class comes first") {
  const Device device = test::each_device();
  const Tensor logits = Tensor::full({1, 4}, 1);
  for (std::int64_t label = 0; label < 4; ++label) {
    for (std::int64_t k = 1; k <= 4; ++k) {
      CHECK(count_on(device, logits, {label}, k) == (label < k ? 1 : 0));
    }
  }
}

TEST_CASE("count_correct: more classes than a warp has lanes, more samples than a block has warps") {
  const Device device = test::each_device();
  constexpr std::int64_t kSamples = 70, kClasses = 77;
  const Tensor logits = test::random_tensor({kSamples, kClasses}, 1);
  for (const std::int64_t k : {1, 5, 40, 77}) {
    std::vector<std::int64_t> classes;
    std::int64_t expected = 0;
    for (std::int64_t n = 0; n < kSamples; ++n) {
      classes.push_back(n * 31 % kClasses);
      const float* x = logits.data<float>() + n * kClasses;
      expected += std::count_if(x, x + kClasses, [&](float v) { return v > x[classes.back()]; }) < k;
    }
    CHECK(count_on(device, logits, classes, k) == expected);
  }
}

TEST_CASE("count_correct: a NaN never makes a sample correct") {
  const Device device = test::each_device();
  const float nan = std::nanf("");
  CHECK(count_on(device, Tensor::from<float>({1, 3}, {1, nan, 0}), {1}, 2) == 0);
  CHECK(count_on(device, Tensor::from<float>({1, 3}, {1, nan, 0}), {0}, 1) == 0);
  CHECK(count_on(device, Tensor::full({1, 3}, nan), {0}, 2) == 0);
}

TEST_CASE("count_correct: on a GPU a label that is no class is not correct, and nothing is read of it") {
  Device gpu;
  if (!test::each_gpu(gpu)) return;
  CHECK(count_on(gpu, Tensor::from<float>({3, 2}, {1, 0, 1, 0, 1, 0}), {0, 1'000'000'000, -1}, 2) == 1);
}

TEST_CASE("count_correct: bad arguments are refused") {
  const Tensor logits = Tensor::zeros({2, 3});
  CHECK_THROWS_WITH(kernels::count_correct(logits, labels({0, 3}), 1),
                    Catch::Contains("label 3 of sample 1"));
  CHECK_THROWS_AS(kernels::count_correct(logits, labels({-1, 0}), 1), DataError);
  CHECK_THROWS_AS(kernels::count_correct(logits, labels({0}), 1), ShapeError);
  CHECK_THROWS_AS(kernels::count_correct(logits, labels({0, 0}), 0), ShapeError);
  CHECK_THROWS_AS(kernels::count_correct(logits, Tensor::zeros({2}), 1), ShapeError);
  CHECK_THROWS_AS(kernels::count_correct(Tensor::zeros({0, 3}), labels({}), 1), ShapeError);
}
