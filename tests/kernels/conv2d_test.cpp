#include "tern/kernels/conv2d.h"

#include <array>
#include <thread>

#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tests/reference/conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::Conv2dParameters;

namespace {

// A sum of n products in f32, in any order and with or without fused multiply-add, is within n * u of the
// sum of the products' absolute values (Higham, Accuracy and Stability, section 3.1): the same sum over |a|
// and |b|. One more term for the bias, one for the second order.
std::vector<double> tolerance(std::vector<double> sum_of_absolutes, std::int64_t terms) {
  for (double& value : sum_of_absolutes) value *= static_cast<double>(terms + 2) * test::kUnit;
  return sum_of_absolutes;
}

void check_forward(Device device, const Tensor& x, const Tensor& w, const Conv2dParameters& p) {
  const Tensor bias = test::random_tensor({w.dim(0)}, 3);
  const std::vector<double> plain = reference::conv2d<double>(x, w, p);
  std::vector<double> expected = plain;
  std::vector<double> absolutes = reference::conv2d<double>(test::absolute(x), test::absolute(w), p);
  const std::int64_t terms = w.numel() / w.dim(0);
  const Tensor device_x = x.to(device), device_w = w.to(device);
  CHECK(test::difference(kernels::conv2d(device_x, device_w, Tensor(), p), plain,
                         tolerance(absolutes, terms)) == "");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double b = bias.data<float>()[i % static_cast<std::size_t>(w.dim(0))];
    expected[i] += b;
    absolutes[i] += std::abs(b);
  }
  CHECK(test::difference(kernels::conv2d(device_x, device_w, bias.to(device), p), expected,
                         tolerance(absolutes, terms)) == "");
}

void check_backward(Device device, const Tensor& x, const Tensor& w, const Conv2dParameters& p) {
  const Shape y = kernels::conv2d_output_shape("test", x.shape(), w.shape(), p);
  const Tensor dy = test::random_tensor(y, 4), abs_dy = test::absolute(dy);
  const std::int64_t dx_terms = w.numel() / w.dim(3), dw_terms = dy.numel() / w.dim(0);
  const Tensor device_dy = dy.to(device);
  CHECK(test::difference(kernels::conv2d_backward_data(device_dy, w.to(device), x.shape(), p),
                         reference::conv2d_backward_data(dy, w, x.shape(), p),
                         tolerance(reference::conv2d_backward_data(abs_dy, test::absolute(w), x.shape(), p),
                                   dx_terms)) == "");
  CHECK(
      test::difference(kernels::conv2d_backward_weights(device_dy, x.to(device), w.shape(), p),
                       reference::conv2d_backward_weights(dy, x, w.shape(), p),
                       tolerance(reference::conv2d_backward_weights(abs_dy, test::absolute(x), w.shape(), p),
                                 dw_terms)) == "");
}

void check(Device device, const Shape& x_shape, const Shape& w_shape, const Conv2dParameters& p) {
  INFO("x " << to_string(x_shape) << ", w " << to_string(w_shape) << ", stride " << p.stride << ", padding "
            << p.padding);
  const Tensor x = test::random_tensor(x_shape, 1), w = test::random_tensor(w_shape, 2);
  check_forward(device, x, w, p);
  check_backward(device, x, w, p);
}

}  // namespace

TEST_CASE("conv2d: every kernel size, stride and padding agrees with the definition") {
  const Device device = test::each_device();
  // The emulated GPU's convolution is the CPU's, see tests/emulation/libraries; one size shows that it is
  // there.
  std::vector<std::int64_t> kernel_sizes = {1, 3, 5, 7};
  if (test::is_emulated(device)) kernel_sizes = {3};
  // Odd sizes; with strides 2 and 3 many of these never reach the last rows and columns.
  for (const std::int64_t kernel : kernel_sizes) {
    for (const int stride : {1, 2, 3}) {
      for (const int padding : {0, 1, 2, 3})
        check(device, {2, 9, 8, 3}, {8, kernel, kernel, 3}, {stride, padding});
    }
  }
}

TEST_CASE("conv2d: channel counts around the vector widths agree with the definition") {
  const Device device = test::each_device();
  std::vector<std::int64_t> counts = {1, 3, 8, 16, 33, 65};
  if (test::is_emulated(device)) counts = {3, 33};  // as above
  for (const std::int64_t in : counts) {
    for (const std::int64_t out : counts) {
      check(device, {1, 5, 7, in}, {out, 3, 3, in}, {1, 1});
      check(device, {2, 6, 5, in}, {out, 1, 1, in}, {2, 0});
    }
  }
}

TEST_CASE("conv2d: kernels that are not square, and as large as the padded image") {
  const Device device = test::each_device();
  check(device, {2, 7, 9, 5}, {4, 1, 3, 5}, {1, 1});
  check(device, {2, 7, 9, 5}, {4, 5, 2, 5}, {2, 2});
  check(device, {3, 5, 5, 5}, {4, 7, 7, 5}, {3, 1});
}

TEST_CASE("conv2d: rows that the stride does not reach get a zero gradient") {
  const Device device = test::each_device();
  const Tensor dy = test::random_tensor({1, 2, 2, 2}, 1), w = test::random_tensor({2, 1, 1, 3}, 2);
  const Tensor dx = kernels::conv2d_backward_data(dy.to(device), w.to(device), {1, 6, 6, 3}, {3, 0});
  const std::vector<float> values = dx.to_vector<float>();
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 18; ++j) {
      INFO("row " << i << ", column " << j / 3);
      if (i % 3 != 0 || j / 3 % 3 != 0) CHECK(values.at(i * 18 + j) == 0.0F);
    }
  }
}

TEST_CASE("conv2d: integers are exact, and the same call gives the same bits") {
  const Device device = test::each_device();
  const Tensor x = test::converted<float>(test::random_ternary({2, 9, 8, 16}, 1));
  const Tensor w = test::converted<float>(test::random_ternary({8, 3, 3, 16}, 2));
  const Conv2dParameters p{1, 1};
  const Tensor device_x = x.to(device), device_w = w.to(device);
  CHECK(test::difference(kernels::conv2d(device_x, device_w, Tensor(), p), reference::conv2d<double>(x, w, p),
                         0.0) == "");
  const Tensor dy = test::random_tensor({2, 9, 8, 8}, 3).to(device);
  const auto backward_data = [&] { return kernels::conv2d_backward_data(dy, device_w, x.shape(), p); };
  const auto backward_weights = [&] { return kernels::conv2d_backward_weights(dy, device_x, w.shape(), p); };
  CHECK(test::bit_difference(backward_data(), backward_data()) == "");
  CHECK(test::bit_difference(backward_weights(), backward_weights()) == "");
}

TEST_CASE("conv2d: the bits of a weight gradient do not depend on the number of threads") {
  struct Problem {
    Shape x, w;
    Conv2dParameters p;
  };
  const std::vector<Problem> problems = {{{7, 64, 64, 3}, {32, 7, 7, 3}, {2, 3}},
                                         {{9, 32, 32, 16}, {16, 3, 3, 16}, {1, 1}},
                                         {{9, 30, 30, 16}, {24, 1, 1, 16}, {2, 0}}};
  for (const auto& [x_shape, w_shape, p] : problems) {
    INFO("x " << to_string(x_shape) << ", w " << to_string(w_shape));
    const Tensor x = test::random_tensor(x_shape, 1), w = test::random_tensor(w_shape, 2);
    const Tensor dy = test::random_tensor(kernels::conv2d_output_shape("test", x_shape, w_shape, p), 3);
    const auto gradient = [&](int threads) {
      const test::ThreadCount scope(threads);
      return kernels::conv2d_backward_weights(dy, x, w_shape, p);
    };
    for (const int threads : {2, 3, 7}) {
      CHECK(test::bit_difference(gradient(threads), gradient(1)) == "");
    }
  }
}

TEST_CASE("conv2d: what one thread has run, another one runs with the same bits") {
  for (const DType dtype : {DType::f32, DType::bf16}) {
    for (const std::int64_t channels : {3, 40, 96}) {
      const Shape x_shape{6, 17, 17, channels}, w_shape{72, 3, 3, channels};
      INFO("x " << to_string(x_shape));
      const Tensor x = kernels::cast(test::random_tensor(x_shape, 1), dtype);
      const Tensor w = kernels::cast(test::random_tensor(w_shape, 2), dtype);
      const auto passes = [&] {
        const Tensor y = kernels::conv2d(x, w, Tensor(), {1, 1});
        return std::array{y, kernels::conv2d_backward_data(y, w, x_shape, {1, 1}),
                          kernels::conv2d_backward_weights(y, x, w_shape, {1, 1})};
      };
      std::array<Tensor, 3> first;
      std::thread([&] { first = passes(); }).join();
      const std::array<Tensor, 3> second = passes();
      for (std::size_t i = 0; i < 3; ++i) CHECK(test::bit_difference(second[i], first[i]) == "");
    }
  }
}

TEST_CASE("conv2d: an empty batch has an empty result and no weight gradient") {
  const Device device = test::each_device();
  const Tensor x = Tensor::empty({0, 5, 5, 3}, DType::f32, device);
  const Tensor w = test::random_tensor({4, 3, 3, 3}, 1).to(device);
  const Tensor y = kernels::conv2d(x, w, Tensor(), {1, 1});
  CHECK(y.shape() == Shape{0, 5, 5, 4});
  CHECK(kernels::conv2d_backward_data(y, w, x.shape(), {1, 1}).shape() == x.shape());
  const Tensor dw = kernels::conv2d_backward_weights(y, x, w.shape(), {1, 1});
  CHECK(test::bit_difference(dw, Tensor::zeros(w.shape())) == "");
}

TEST_CASE("conv2d: arguments that do not fit together are named") {
  const Tensor x = Tensor::zeros({2, 5, 5, 3}), w = Tensor::zeros({4, 3, 3, 3});
  const auto message = [&](const Tensor& a, const Tensor& b, const Tensor& bias, Conv2dParameters p) {
    try {
      kernels::conv2d(a, b, bias, p);
    } catch (const ShapeError& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  const Tensor none;
  CHECK(message(none, w, none, {}) == "conv2d: x is undefined");
  CHECK(message(Tensor::zeros({2, 5, 5, 3}, DType::i32), w, none, {}) ==
        "conv2d: x is i32, expected f32 or bf16");
  CHECK(message(Tensor::zeros({5, 5, 3}), w, none, {}) == "conv2d: x is (5, 5, 3), expected 4 dimensions");
  CHECK(message(x, Tensor::zeros({4, 27}), none, {}) == "conv2d: w is (4, 27), expected 4 dimensions");
  CHECK(message(x, Tensor::zeros({4, 3, 3, 8}), none, {}) ==
        "conv2d: x is (2, 5, 5, 3) but w is (4, 3, 3, 8); input channels differ");
  CHECK(message(x, w, none, {0, 1}) == "conv2d: stride 0 or padding 1 is out of range");
  CHECK(message(x, w, none, {1, -1}) == "conv2d: stride 1 or padding -1 is out of range");
  CHECK(message(x, Tensor::zeros({4, 8, 3, 3}), none, {1, 1}) ==
        "conv2d: the kernel of w (4, 8, 3, 3) is larger than x (2, 5, 5, 3) with padding 1");
  CHECK(message(x, w, Tensor::zeros({3}), {}) ==
        "conv2d: bias is (3,), expected one value for each of 4 channels");
}

TEST_CASE("conv2d: tensors without channels or kernel taps are refused") {
  const auto output = [](const Shape& x, const Shape& w) {
    return kernels::conv2d_output_shape("conv2d", x, w, {1, 1});
  };
  CHECK_THROWS_WITH(output({2, 5, 5, 0}, {4, 3, 3, 0}), Catch::Contains("w is (4, 3, 3, 0)"));
  CHECK_THROWS_WITH(output({2, 5, 5, 3}, {0, 3, 3, 3}), Catch::Contains("w is (0, 3, 3, 3)"));
  CHECK_THROWS_WITH(output({2, 5, 5, 3}, {4, 0, 3, 3}), Catch::Contains("w is (4, 0, 3, 3)"));
}

TEST_CASE("conv2d: a gradient of another shape than the output is refused") {
  const Tensor x = Tensor::zeros({2, 5, 5, 3}), w = Tensor::zeros({4, 3, 3, 3});
  const Tensor dy = Tensor::zeros({2, 5, 4, 4});
  CHECK_THROWS_WITH(kernels::conv2d_backward_data(dy, w, x.shape(), {1, 1}),
                    "conv2d_backward_data: dy is (2, 5, 4, 4), expected (2, 5, 5, 4)");
  CHECK_THROWS_WITH(kernels::conv2d_backward_weights(dy, x, w.shape(), {1, 1}),
                    "conv2d_backward_weights: dy is (2, 5, 4, 4), expected (2, 5, 5, 4)");
}
