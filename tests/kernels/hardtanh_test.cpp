#include "tern/kernels/hardtanh.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"
#include "tests/support/thread_count.h"

using namespace tern;

TEST_CASE("hardtanh: the limits and their neighbours, infinities and both zeros") {
  const Device device = test::each_device();
  const float infinity = std::numeric_limits<float>::infinity(), below = std::nextafter(1.0F, 0.0F),
              beyond = std::nextafter(1.0F, 2.0F);
  const Tensor x =
      Tensor::from<float>({10}, {-infinity, -beyond, -1, -below, -0.0F, 0, below, 1, beyond, infinity});
  const Tensor expected = Tensor::from<float>({10}, {-1, -1, -1, -below, -0.0F, 0, below, 1, 1, 1});
  const Tensor y = kernels::hardtanh(x.to(device));
  CHECK(test::bit_difference(y, expected) == "");
  CHECK(kernels::hardtanh_backward(Tensor::full({10}, 3).to(device), y).to_vector<float>() ==
        std::vector<float>{0, 0, 0, 3, 3, 3, 3, 0, 0, 0});
}

TEST_CASE("hardtanh: long tensors are done whole, in f32 and bf16, on any number of threads") {
  const Device device = test::each_device();
  for (const int threads : {1, 3}) {
    if (device.type != DeviceType::cpu && threads > 1) break;
    const test::ThreadCount scope(threads);
    for (const std::int64_t size : {0, 1, 255, 256, 257, 50001}) {
      for (const DType dtype : {DType::f32, DType::bf16}) {
        INFO(size << " elements, " << threads << " threads");
        const Tensor x = kernels::cast(test::random_tensor({size}, 1, -2, 2), dtype);
        const Tensor dy = kernels::cast(test::random_tensor({size}, 2), dtype);
        std::vector<double> y, dx;
        const std::vector<double> values = test::as_doubles(x), upstream = test::as_doubles(dy);
        for (std::size_t i = 0; i < values.size(); ++i) {
          y.push_back(std::fmin(1, std::fmax(-1, values[i])));
          dx.push_back(std::abs(y[i]) < 1 ? upstream[i] : 0);
        }
        const Tensor result = kernels::hardtanh(x.to(device));
        CHECK(test::difference(result, y, 0.0) == "");
        CHECK(test::difference(kernels::hardtanh_backward(dy.to(device), result), dx, 0.0) == "");
      }
    }
  }
}

TEST_CASE("hardtanh: a NaN stays a NaN") {
  const Device device = test::each_device();
  CHECK(std::isnan(kernels::hardtanh(Tensor::full({1}, std::nanf("")).to(device)).item()));
}

TEST_CASE("hardtanh: other dtypes and shapes that differ are refused") {
  CHECK_THROWS_WITH(kernels::hardtanh(Tensor()), "hardtanh: x is undefined");
  CHECK_THROWS_AS(kernels::hardtanh(Tensor::zeros({2}, DType::i32)), ShapeError);
  CHECK_THROWS_WITH(kernels::hardtanh_backward(Tensor::zeros({3}), Tensor::zeros({2})),
                    "hardtanh_backward: dy is f32 (3,) but y is f32 (2,)");
}
