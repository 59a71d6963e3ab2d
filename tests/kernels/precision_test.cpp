#include "tern/kernels/precision.h"

#include "tern/kernels/conv2d.h"
#include "tern/kernels/linear.h"
#include "tests/reference/conv2d.h"
#include "tests/reference/matmul.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/precision.h"

using namespace tern;

namespace {

// TF32 keeps 11 significant bits of each factor, so that a product is off by at most about 2 * 2^-11 of
// itself if they are rounded, twice that if they are cut; the rounding of the sums is far less.
std::vector<double> tf32_tolerance(std::vector<double> sum_of_absolutes) {
  for (double& value : sum_of_absolutes) value *= 1.0 / 512;
  return sum_of_absolutes;
}

bool has_tf32(Device device) {
  return device.type == DeviceType::cuda && !test::is_emulated(device);
}

}  // namespace

TEST_CASE("precision: fp32 unless told otherwise") {
  CHECK(kernels::float_precision() == kernels::FloatPrecision::fp32);
}

TEST_CASE("precision: the stream of networks is bf16 in bf16 alone") {
  for (const auto precision :
       {kernels::FloatPrecision::fp32, kernels::FloatPrecision::tf32, kernels::FloatPrecision::bf16}) {
    const test::Precision scope(precision);
    CHECK((kernels::activation_dtype() == DType::bf16) == (precision == kernels::FloatPrecision::bf16));
  }
}

TEST_CASE("precision: tf32 loses no more than the low bits of factors, and nothing where there is no TF32") {
  const Device device = test::each_device();
  const Tensor x = test::random_tensor({2, 8, 8, 32}, 1), w = test::random_tensor({32, 3, 3, 32}, 2);
  const Tensor a = test::random_tensor({16, 64}, 3), b = test::random_tensor({32, 64}, 4);
  const auto convolve = [&] { return kernels::conv2d(x.to(device), w.to(device), Tensor(), {1, 1}); };
  const auto multiply = [&] { return kernels::linear(a.to(device), b.to(device), Tensor()); };
  const Tensor exact_y = convolve(), exact_c = multiply();
  const test::Precision tf32(kernels::FloatPrecision::tf32);
  if (!has_tf32(device)) {
    CHECK(test::bit_difference(convolve(), exact_y) == "");
    CHECK(test::bit_difference(multiply(), exact_c) == "");
    return;
  }
  const auto absolute_product =
      reference::matmul(test::absolute(a), reference::transposed(test::absolute(b)));
  CHECK(test::difference(
            convolve(), reference::conv2d<double>(x, w, {1, 1}),
            tf32_tolerance(reference::conv2d<double>(test::absolute(x), test::absolute(w), {1, 1}))) == "");
  CHECK(test::difference(multiply(), test::as_doubles(reference::matmul(a, reference::transposed(b))),
                         tf32_tolerance(test::as_doubles(absolute_product))) == "");
}
