#include "tern/kernels/symmetric_product.h"

#include "tern/core/error.h"
#include "tern/kernels/weighted_sum.h"
#include "tests/reference/matmul.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"
#include "tests/support/thread_count.h"

using namespace tern;

namespace {

// |error| of a sum of k products of magnitude at most 1 is below k^2 * 2^-24 in the worst case, and grows as
// its square root in practice.
void check_close(const Tensor& a, const Tensor& b, std::int64_t k) {
  REQUIRE(a.shape() == b.shape());
  REQUIRE(test::difference(a, test::as_doubles(b), 1e-6 * static_cast<double>(k)) == "");
}

// Of elements of at most 1.
Tensor random_symmetric(std::int64_t n) {
  const Tensor x = test::random_tensor({n, n}, 1);
  return kernels::weighted_sum(0.5F, x, 0.5F, reference::transposed(x));
}

// Of many blocks of rows, and of one with a long sum.
std::vector<Tensor> products() {
  const Tensor x = random_symmetric(250);
  return {kernels::symmetric_product(x, x), kernels::gram_matrix(x),
          kernels::gram_matrix(test::random_tensor({20, 20'000}, 1))};
}

}  // namespace

// Sizes of one block of rows, of several, and of an odd number of them.
TEST_CASE("symmetric products agree with the definition, and are symmetric to the bit on a CPU") {
  const Device device = test::each_device();
  for (const std::int64_t n : {1, 5, 47, 97, 150, 200}) {
    CAPTURE(n);
    const Tensor wide = test::random_tensor({n, 3 * n + 1}, 2), square = random_symmetric(n);
    const Tensor gram = kernels::gram_matrix(wide.to(device));
    const Tensor square_squared = kernels::symmetric_product(square.to(device), square.to(device));
    check_close(gram, reference::matmul(wide, reference::transposed(wide)), 3 * n + 1);
    check_close(square_squared, reference::matmul(square, square), n);
    if (device.type != DeviceType::cpu) continue;
    for (const Tensor& c : {gram, square_squared})
      CHECK(test::bit_difference(c, reference::transposed(c)) == "");
  }
}

TEST_CASE("symmetric products: the second factor is another matrix where it commutes with the first") {
  const Device device = test::each_device();
  const Tensor a = random_symmetric(100), a_squared = reference::matmul(a, a);
  check_close(kernels::symmetric_product(a_squared.to(device), a.to(device)), reference::matmul(a_squared, a),
              100 * 100);
}

TEST_CASE("symmetric products do not depend on the number of threads") {
  const test::ThreadCount threads(1);
  const std::vector<Tensor> expected = products();
  for (const int count : {2, 3, 8}) {
    set_thread_count(count);
    const std::vector<Tensor> results = products();
    for (std::size_t i = 0; i < results.size(); ++i)
      CHECK(test::bit_difference(results[i], expected[i]) == "");
  }
}

TEST_CASE("symmetric products: an empty sum is zero, shapes that do not fit are refused") {
  const Device device = test::each_device();
  const auto zeros = [&](const Shape& shape) { return Tensor::zeros(shape, DType::f32, device); };
  CHECK(kernels::gram_matrix(zeros({2, 0})).to_vector<float>() == std::vector<float>(4, 0.0F));
  CHECK(kernels::gram_matrix(zeros({0, 2})).shape() == Shape{0, 0});
  CHECK_THROWS_AS(kernels::gram_matrix(zeros({3})), ShapeError);
  CHECK_THROWS_AS(kernels::symmetric_product(zeros({2, 3}), zeros({2, 3})), ShapeError);
  CHECK_THROWS_AS(kernels::symmetric_product(zeros({2, 2}), zeros({3, 3})), ShapeError);
}
