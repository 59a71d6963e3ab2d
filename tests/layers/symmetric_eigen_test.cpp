#include "tern/layers/symmetric_eigen.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern {
namespace {

TEST_CASE("symmetric_eigen: of a matrix that is known") {
  const SymmetricEigen eigen = symmetric_eigen({2, 1, 1, 2});
  CHECK(eigen.values[0] == Approx(3));
  CHECK(eigen.values[1] == Approx(1));
  CHECK(eigen.vectors[0] == Approx(eigen.vectors[1]));   // (1, 1)
  CHECK(eigen.vectors[2] == Approx(-eigen.vectors[3]));  // (1, -1)
}

TEST_CASE("symmetric_eigen: vectors are orthonormal, the matrix stretches them by falling values") {
  const std::size_t n = GENERATE(1, 5, 27);
  const auto size = static_cast<std::int64_t>(n);
  std::vector<double> matrix = test::as_doubles(test::random_tensor({size, size}, 1));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) matrix[i * n + j] = matrix[j * n + i];
  }
  const SymmetricEigen eigen = symmetric_eigen(matrix);
  REQUIRE(eigen.values.size() == n);
  const double tolerance = 1e-13 * static_cast<double>(n);
  for (std::size_t a = 0; a < n; ++a) {
    if (a > 0) CHECK(eigen.values[a] <= eigen.values[a - 1]);
    const double* vector = eigen.vectors.data() + a * n;
    for (std::size_t b = 0; b < n; ++b) {
      double product = 0, stretched = 0;
      for (std::size_t i = 0; i < n; ++i) {
        product += vector[i] * eigen.vectors[b * n + i];
        stretched += matrix[b * n + i] * vector[i];
      }
      CHECK(product == Approx(a == b ? 1 : 0).margin(tolerance));
      CHECK(stretched == Approx(eigen.values[a] * vector[b]).margin(tolerance));
    }
  }
}

TEST_CASE("symmetric_eigen: what is not square or not finite is refused") {
  CHECK_THROWS_AS(symmetric_eigen({1, 2, 3}), ShapeError);
  CHECK_THROWS_AS(symmetric_eigen({1, std::nan(""), std::nan(""), 1}), NumericError);
  CHECK(symmetric_eigen({0, 0, 0, 0}).values == std::vector<double>{0, 0});
}

}  // namespace
}  // namespace tern
