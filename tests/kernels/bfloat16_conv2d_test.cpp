// Convolutions of bf16 operands, and the cast that makes them.
#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/ternary_conv2d.h"
#include "tests/reference/conv2d.h"
#include "tests/support/bfloat16.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::Conv2dParameters;

namespace {

constexpr Conv2dParameters kStrided{2, 1};

Tensor random_bf16(const Shape& shape, std::uint32_t seed) {
  return test::rounded(test::random_tensor(shape, seed));
}

// For sums of at most `terms` products below one, summed in f32 in any order and rounded to bf16, whose 8
// significant bits leave an error of 2^-8 of the value at most.
std::vector<double> rounded_sum_tolerance(const std::vector<double>& exact, int terms) {
  std::vector<double> tolerance;
  for (const double value : exact) tolerance.push_back(terms * terms * test::kUnit + std::abs(value) / 256);
  return tolerance;
}

// The same of a weight gradient, f32, which GPUs alone round.
void check_weight_gradient(const Tensor& actual, const std::vector<double>& exact, int terms, Device device) {
  CHECK(actual.dtype() == DType::f32);
  const double unrounded = terms * terms * test::kUnit;
  CHECK(test::difference(actual, exact,
                         device.type == DeviceType::cpu ? std::vector<double>(exact.size(), unrounded)
                                                        : rounded_sum_tolerance(exact, terms)) == "");
}

void check_rounded_sums(const Tensor& actual, const std::vector<double>& exact, int terms) {
  CHECK(actual.dtype() == DType::bf16);
  CHECK(test::difference(actual, exact, rounded_sum_tolerance(exact, terms)) == "");
}

}  // namespace

TEST_CASE("cast: rounds to bf16 as the host does, and widens exactly") {
  const Device device = test::each_device();
  for (const std::int64_t count : {0, 1, 33, 20000}) {
    const Tensor x = test::random_tensor({count}, 1, -300.0F, 300.0F);
    const Tensor narrow = kernels::cast(x.to(device), DType::bf16);
    CHECK(test::bit_difference(narrow, test::rounded(x)) == "");
    CHECK(test::bit_difference(kernels::cast(narrow, DType::f32), test::widened(test::rounded(x))) == "");
    const Tensor t = test::random_ternary({count}, 2);
    for (const DType dtype : {DType::f32, DType::bf16}) {
      CHECK(test::difference(kernels::cast(t.to(device), dtype), test::as_doubles(t), 0.0) == "");
    }
  }
}

TEST_CASE("cast: what is of the dtype already is not copied") {
  const Tensor x = Tensor::zeros({4});
  CHECK(kernels::cast(x, DType::f32).shares_storage_with(x));
}

TEST_CASE("cast: other types are refused") {
  CHECK_THROWS_WITH(kernels::cast(Tensor::zeros({4}), DType::i8), "cast: to i8, expected f32 or bf16");
  CHECK_THROWS_WITH(kernels::cast(Tensor::zeros({4}, DType::i32), DType::bf16),
                    "cast: x is i32, expected f32 or bf16");
  CHECK_THROWS_AS(kernels::cast(Tensor(), DType::bf16), ShapeError);
}

TEST_CASE("bf16 conv2d: the exact sums, rounded once, weight gradients handed out as f32") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 9, 16}) {
    CAPTURE(channels);
    const Tensor x = random_bf16({2, 5, 6, channels}, 1), w = random_bf16({7, 3, 3, channels}, 2),
                 dy = random_bf16({2, 3, 3, 7}, 3);
    check_rounded_sums(kernels::conv2d(x.to(device), w.to(device), Tensor(), kStrided),
                       reference::conv2d<double>(x, w, kStrided), static_cast<int>(9 * channels));
    check_rounded_sums(kernels::conv2d_backward_data(dy.to(device), w.to(device), x.shape(), kStrided),
                       reference::conv2d_backward_data(dy, w, x.shape(), kStrided), 63);
    const Tensor dw = kernels::conv2d_backward_weights(dy.to(device), x.to(device), w.shape(), kStrided);
    check_weight_gradient(dw, reference::conv2d_backward_weights(dy, x, w.shape(), kStrided), 18, device);
    // What a GPU hands out has gone through bf16.
    if (device.type != DeviceType::cpu)
      CHECK(test::bit_difference(dw, test::widened(test::rounded(dw.to(Device{})))) == "");
  }
}

TEST_CASE("bf16 conv2d: integers that fit 8 bits are exact") {
  const Device device = test::each_device();
  const Tensor x = test::random_ternary({2, 5, 6, 9}, 1), w = test::random_ternary({7, 3, 3, 9}, 2);
  const Tensor y = kernels::conv2d(kernels::cast(x, DType::bf16).to(device),
                                   kernels::cast(w, DType::bf16).to(device), Tensor(), kStrided);
  CHECK(test::difference(y, test::as_doubles(kernels::ternary_conv2d(x, w, kStrided)), 0.0) == "");
}

TEST_CASE("bf16 conv2d: a ternary convolution passes gradients of bf16 on") {
  const Device device = test::each_device();
  const Tensor x = test::random_ternary({2, 5, 6, 9}, 1), t = test::random_ternary({7, 3, 3, 9}, 2);
  const Tensor dz = random_bf16({2, 3, 3, 7}, 3);
  check_rounded_sums(kernels::ternary_conv2d_backward_data(dz.to(device), t.to(device), x.shape(), kStrided),
                     reference::conv2d_backward_data(dz, t, x.shape(), kStrided), 63);
  const PackedTernary packed = kernels::pack_ternary(x.to(device));
  const Tensor dt = kernels::ternary_conv2d_backward_weights(dz.to(device), packed, t.shape(), kStrided);
  check_weight_gradient(
      dt, reference::conv2d_backward_weights(dz, kernels::cast(x, DType::f32), t.shape(), kStrided), 18,
      device);
}

namespace {

struct Problem {
  Shape x;
  std::int64_t out_channels, kernel;
  Conv2dParameters parameters;
};

// Factors are integers, so that no order of the sums can hide a wrong one.
struct GradientFactors {
  explicit GradientFactors(const Problem& problem)
      : x(ternary(problem.x, 1)),
        w(ternary({problem.out_channels, problem.kernel, problem.kernel, problem.x[3]}, 2)),
        dy(ternary(kernels::conv2d_output_shape("test", x.shape(), w.shape(), problem.parameters), 3)) {}

  static Tensor ternary(const Shape& shape, std::uint32_t seed) {
    return kernels::cast(test::random_ternary(shape, seed), DType::f32);
  }

  Tensor x, w, dy;
};

Tensor narrow(const Tensor& factor, Device device) {
  return kernels::cast(factor, DType::bf16).to(device);
}

}  // namespace

// The last image groups are smaller than the others, rows and channels no whole tiles, and taps reach outside
// of the image by more than one.
TEST_CASE("bf16 conv2d: weight gradients of many channels are exact, on any number of threads") {
  const Device device = test::each_device();
  const Problem problems[] = {
      {{3, 16, 16, 32}, 32, 3, {1, 1}}, {{5, 9, 7, 33}, 70, 3, {2, 1}},   {{19, 4, 6, 64}, 40, 3, {1, 1}},
      {{2, 7, 7, 48}, 32, 1, {2, 0}},   {{2, 12, 11, 32}, 33, 5, {3, 4}}, {{2, 2, 3, 32}, 32, 7, {2, 3}},
      {{1, 24, 25, 32}, 32, 2, {1, 0}},
  };
  for (const Problem& problem : problems) {
    const GradientFactors factors(problem);
    INFO("x " << to_string(problem.x) << ", w " << to_string(factors.w.shape()));
    const std::vector<double> exact =
        reference::conv2d_backward_weights(factors.dy, factors.x, factors.w.shape(), problem.parameters);
    for (const int threads : {1, 3}) {
      const test::ThreadCount count(threads);
      const Tensor dw = kernels::conv2d_backward_weights(
          narrow(factors.dy, device), narrow(factors.x, device), factors.w.shape(), problem.parameters);
      CHECK(test::difference(dw, exact, 0.0) == "");
    }
  }
}

// Sums of ternary products of so many channels stay below 256, up to which bf16 holds every integer.
TEST_CASE("bf16 conv2d: data gradients of many channels are exact, on any number of threads") {
  const Device device = test::each_device();
  const Problem problems[] = {
      {{2, 8, 9, 48}, 48, 3, {1, 1}},   {{5, 9, 7, 65}, 99, 3, {2, 1}},   {{40, 2, 3, 70}, 48, 3, {1, 1}},
      {{2, 7, 7, 80}, 64, 1, {2, 0}},   {{2, 12, 11, 48}, 65, 5, {3, 4}}, {{2, 2, 3, 48}, 48, 7, {2, 3}},
      {{3, 2, 700, 48}, 48, 2, {1, 0}}, {{2, 6, 5, 64}, 64, 1, {3, 1}},   {{1, 4, 9, 64}, 71, 3, {1, 2}},
  };
  for (const Problem& problem : problems) {
    const GradientFactors factors(problem);
    INFO("x " << to_string(problem.x) << ", w " << to_string(factors.w.shape()));
    const std::vector<double> exact =
        reference::conv2d_backward_data(factors.dy, factors.w, factors.x.shape(), problem.parameters);
    for (const int threads : {1, 3}) {
      const test::ThreadCount count(threads);
      const Tensor dx = kernels::conv2d_backward_data(narrow(factors.dy, device), narrow(factors.w, device),
                                                      factors.x.shape(), problem.parameters);
      CHECK(test::difference(dx, exact, 0.0) == "");
    }
  }
}

TEST_CASE("bf16 conv2d: operands of two precisions and a bias are refused") {
  const Tensor x = Tensor::zeros({1, 4, 4, 2}, DType::bf16), w = Tensor::zeros({3, 3, 3, 2}, DType::bf16),
               wide_w = Tensor::zeros({3, 3, 3, 2}), dy = Tensor::zeros({1, 2, 2, 3});
  CHECK_THROWS_WITH(kernels::conv2d(x, wide_w, Tensor(), {}), "conv2d: w is f32, expected bf16");
  CHECK_THROWS_WITH(kernels::conv2d(x, w, Tensor::zeros({3}), {}),
                    "conv2d: x is bf16; a bias is for f32 alone");
  CHECK_THROWS_WITH(kernels::conv2d_backward_data(dy, w, x.shape(), {}),
                    "conv2d_backward_data: dy is f32, expected bf16");
}
