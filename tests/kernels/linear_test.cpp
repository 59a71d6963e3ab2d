#include "tern/kernels/linear.h"

#include "tern/core/error.h"
#include "tests/reference/matmul.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;

namespace {

// |error| of a sum of k products of magnitude at most 1 is below k^2 * 2^-24 in the worst case, and grows as
// its square root in practice.
void check_close(const Tensor& a, const Tensor& b, std::int64_t k) {
  REQUIRE(a.shape() == b.shape());
  REQUIRE(test::difference(a, test::as_doubles(b), 1e-6 * static_cast<double>(k)) == "");
}

}  // namespace

TEST_CASE("linear: a worked example") {
  const Device device = test::each_device();
  const Tensor x = Tensor::from<float>({2, 3}, {1, 2, 3, -1, 0, 1}).to(device);
  const Tensor w = Tensor::from<float>({2, 3}, {1, 0, 0, 1, 1, 1}).to(device);
  const Tensor bias = Tensor::from<float>({2}, {10, 20}).to(device);
  CHECK(kernels::linear(x, w, bias).to_vector<float>() == std::vector<float>{11, 26, 9, 20});
  CHECK(kernels::linear(x, w, Tensor()).to_vector<float>() == std::vector<float>{1, 6, -1, 0});
}

TEST_CASE("linear: the three products agree with the definition") {
  const Device device = test::each_device();
  for (const Shape& sizes : {Shape{1, 1, 1}, Shape{5, 7, 3}, Shape{33, 64, 10}, Shape{130, 65, 100}}) {
    CAPTURE(to_string(sizes));
    const Tensor x = test::random_tensor({sizes[0], sizes[1]}, 1), device_x = x.to(device);
    const Tensor w = test::random_tensor({sizes[2], sizes[1]}, 2), device_w = w.to(device);
    const Tensor dy = test::random_tensor({sizes[0], sizes[2]}, 3), device_dy = dy.to(device);
    check_close(kernels::linear(device_x, device_w, Tensor()), reference::matmul(x, reference::transposed(w)),
                sizes[1]);
    check_close(kernels::linear_backward_data(device_dy, device_w), reference::matmul(dy, w), sizes[2]);
    check_close(kernels::linear_backward_weight(device_dy, device_x),
                reference::matmul(reference::transposed(dy), x), sizes[0]);
  }
}

TEST_CASE("linear: the result does not depend on the number of threads") {
  const Tensor x = test::random_tensor({2000, 300}, 1);
  const Tensor dy = test::random_tensor({2000, 10}, 2);
  const Tensor w = test::random_tensor({10, 300}, 3);
  const test::ThreadCount threads(1);
  const auto dw = kernels::linear_backward_weight(dy, x).to_vector<float>();
  const auto y = kernels::linear(x, w, Tensor()).to_vector<float>();
  set_thread_count(4);
  CHECK(kernels::linear_backward_weight(dy, x).to_vector<float>() == dw);
  CHECK(kernels::linear(x, w, Tensor()).to_vector<float>() == y);
  CHECK(thread_count() == 4);
}

TEST_CASE("linear: an empty batch has zero weight gradients") {
  const Device device = test::each_device();
  const auto zeros = [&](const Shape& shape) { return Tensor::zeros(shape, DType::f32, device); };
  const Tensor dw = kernels::linear_backward_weight(zeros({0, 2}), zeros({0, 3}));
  CHECK(dw.to_vector<float>() == std::vector<float>(6, 0.0F));
  CHECK(kernels::linear(zeros({0, 3}), zeros({2, 3}), Tensor()).shape() == Shape{0, 2});
}

TEST_CASE("linear: shapes that do not fit are refused") {
  const Tensor x = Tensor::zeros({4, 3}), w = Tensor::zeros({2, 3}), dy = Tensor::zeros({4, 2});
  CHECK_THROWS_WITH(kernels::linear(x, Tensor::zeros({2, 4}), Tensor()),
                    Catch::Contains("x is (4, 3) but w is (2, 4)"));
  CHECK_THROWS_AS(kernels::linear(x, w, Tensor::zeros({3})), ShapeError);
  CHECK_THROWS_AS(kernels::linear(Tensor::zeros({3}), w, Tensor()), ShapeError);
  CHECK_THROWS_AS(kernels::linear_backward_data(x, w), ShapeError);
  CHECK_THROWS_AS(kernels::linear_backward_weight(dy, Tensor::zeros({5, 3})), ShapeError);
}
