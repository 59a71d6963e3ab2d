#include "tern/layers/functions/conv2d.h"

#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tern/layers/functions/ternary_activation.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/precision.h"

using namespace tern;

namespace {

Variable parameter(const Shape& shape, std::uint32_t seed, Device device) {
  return Variable(test::random_tensor(shape, seed).to(device), true);
}

// The convolution is linear in each input, so that a large step costs nothing and keeps rounding down: sums
// below 100 with an error of 1e-5 over a step of 0.25.
const test::GradcheckOptions kLinear{0.25, 5e-4};

}  // namespace

TEST_CASE("conv2d: gradients of x, w and bias are the derivatives") {
  const Device device = test::each_device();
  for (const Conv2dParameters p : {Conv2dParameters{1, 1}, {2, 0}, {3, 2}}) {
    const auto f = [p](const std::vector<Variable>& v) { return conv2d(v[0], v[1], v[2], p); };
    CHECK(test::gradcheck(f,
                          {parameter({2, 5, 6, 3}, 1, device), parameter({4, 3, 3, 3}, 2, device),
                           parameter({4}, 3, device)},
                          kLinear) == "");
  }
}

TEST_CASE("conv2d: without bias, and used twice") {
  const Device device = test::each_device();
  const auto f = [](const std::vector<Variable>& v) {
    return conv2d(conv2d(v[0], v[1], Variable(), {1, 1}), v[1], Variable(), {2, 1});
  };
  CHECK(test::gradcheck(f, {parameter({1, 4, 4, 3}, 4, device), parameter({3, 3, 3, 3}, 5, device)}) == "");
}

TEST_CASE("conv2d: ternary values give what the same floats give, and the gradient goes past their cast") {
  const Device device = test::each_device();
  const test::Precision precision(GENERATE(kernels::FloatPrecision::fp32, kernels::FloatPrecision::bf16));
  const Tensor start = test::random_tensor({2, 5, 5, 3}, 1).to(device);
  const Variable of_ternary(start, true), of_floats(start, true);
  const Variable w = parameter({4, 3, 3, 3}, 2, device);
  const Variable y = conv2d(ternary_activation(of_ternary), w, Variable(), {1, 1});
  const Variable t(kernels::cast(ternary_activation(of_floats).value(), kernels::activation_dtype()), true);
  const Variable same = conv2d(t, w, Variable(), {1, 1});
  CHECK(test::bit_difference(y.value(), same.value()) == "");
  const Tensor dy = test::random_tensor(y.shape(), 3).to(device);
  y.backward(kernels::cast(dy, y.value().dtype()));
  same.backward(kernels::cast(dy, y.value().dtype()));
  CHECK(test::bit_difference(of_ternary.grad(), kernels::cast(t.grad(), DType::f32)) == "");  // |x| <= 1
}

TEST_CASE("conv2d: of bf16 with a bias it is that of f32, rounded") {
  const Device device = test::each_device();
  const Tensor images = kernels::cast(test::random_tensor({2, 5, 5, 3}, 1).to(device), DType::bf16);
  const Variable narrow(images, true), wide(kernels::cast(images, DType::f32), true);
  const Variable w = parameter({4, 3, 3, 3}, 2, device), bias = parameter({4}, 3, device);
  const Variable y = conv2d(narrow, w, bias, {1, 1}), expected = conv2d(wide, w, bias, {1, 1});
  CHECK(test::bit_difference(y.value(), kernels::cast(expected.value(), DType::bf16)) == "");
  const Tensor dy = kernels::cast(test::random_tensor(y.shape(), 4).to(device), DType::bf16);
  y.backward(dy);
  const Tensor dw = w.grad(), dbias = bias.grad();
  Variable(w).clear_grad();
  Variable(bias).clear_grad();
  expected.backward(kernels::cast(dy, DType::f32));
  CHECK(test::bit_difference(dw, w.grad()) == "");
  CHECK(test::bit_difference(dbias, bias.grad()) == "");
  CHECK(test::bit_difference(narrow.grad(), kernels::cast(wide.grad(), DType::bf16)) == "");
}

TEST_CASE("conv2d: inputs that want no gradient get none") {
  const Device device = test::each_device();
  const Variable x(test::random_tensor({1, 4, 4, 3}, 6).to(device));
  const Variable w(test::random_tensor({2, 3, 3, 3}, 7).to(device));
  const Variable bias = parameter({2}, 8, device);
  const Variable y = conv2d(x, w, bias, {1, 1});
  y.backward(Tensor::full(y.shape(), 0.5F).to(device));
  CHECK_FALSE(x.grad().defined());
  CHECK_FALSE(w.grad().defined());
  CHECK(test::difference(bias.grad(), {8, 8}, 0.0) == "");  // 16 pixels
}
