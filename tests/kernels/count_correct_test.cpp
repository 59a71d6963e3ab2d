#include "kernels/count_correct.h"

#include <cmath>

#include "core/error.h"
#include "tests/support/catch.h"

using namespace tern;

namespace {

Tensor labels(const std::vector<std::int64_t>& values) {
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace

TEST_CASE("count_correct: a worked example for several k") {
  const Tensor logits = Tensor::from<float>({3, 4}, {4, 3, 2, 1, 1, 2, 3, 4, 0, 5, -1, 2});
  CHECK(kernels::count_correct(logits, labels({0, 2, 0}), 1) == 1);
  CHECK(kernels::count_correct(logits, labels({0, 2, 0}), 2) == 2);
  CHECK(kernels::count_correct(logits, labels({0, 2, 0}), 3) == 3);
  CHECK(kernels::count_correct(logits, labels({3, 0, 2}), 5) == 3);
}

TEST_CASE("count_correct: of equal logits the lower class comes first") {
  const Tensor logits = Tensor::full({1, 4}, 1);
  for (std::int64_t label = 0; label < 4; ++label) {
    for (std::int64_t k = 1; k <= 4; ++k) {
      CHECK(kernels::count_correct(logits, labels({label}), k) == (label < k ? 1 : 0));
    }
  }
}

TEST_CASE("count_correct: a NaN never makes a sample correct") {
  const float nan = std::nanf("");
  CHECK(kernels::count_correct(Tensor::from<float>({1, 3}, {1, nan, 0}), labels({1}), 2) == 0);
  CHECK(kernels::count_correct(Tensor::from<float>({1, 3}, {1, nan, 0}), labels({0}), 1) == 0);
  CHECK(kernels::count_correct(Tensor::full({1, 3}, nan), labels({0}), 2) == 0);
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
