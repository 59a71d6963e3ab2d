#include "tern/kernels/sum_rows.h"

#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;

namespace {

// Column sums of x and of |x|.
std::vector<double> column_sums(const Tensor& x) {
  std::vector<double> sums(static_cast<std::size_t>(x.dim(-1)), 0.0);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    sums[static_cast<std::size_t>(i % x.dim(-1))] += x.data<float>()[i];
  }
  return sums;
}

}  // namespace

TEST_CASE("sum_rows: adds up every row, whatever the tile") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 8, 33, 255, 256, 257, 300}) {
    for (const std::int64_t rows : {0, 1, 2, 85, 86, 1000}) {
      INFO(rows << " rows of " << channels << " channels");
      const Tensor x = test::random_tensor({rows, channels}, 1);
      // 16 additions in f32 before the sum goes on in double, one rounding of the result.
      std::vector<double> tolerance = column_sums(test::absolute(x));
      for (double& value : tolerance) value *= 17 * test::kUnit;
      CHECK(test::difference(kernels::sum_rows(x.to(device)), column_sums(x), tolerance) == "");
    }
  }
}

TEST_CASE("sum_rows: of bf16 it is that of the same numbers in f32") {
  const Device device = test::each_device();
  const Tensor narrow = kernels::cast(test::random_tensor({100, 33}, 1).to(device), DType::bf16);
  CHECK(test::bit_difference(kernels::sum_rows(narrow),
                             kernels::sum_rows(kernels::cast(narrow, DType::f32))) == "");
  CHECK_THROWS_AS(kernels::sum_rows(Tensor::zeros({2, 2}, DType::i32)), ShapeError);
}

TEST_CASE("sum_rows: the same bits on any number of threads") {
  const Tensor x = test::random_tensor({40, 9, 7, 33}, 1);
  const Tensor expected = [&] {
    const test::ThreadCount one(1);
    return kernels::sum_rows(x);
  }();
  for (const int threads : {2, 3}) {
    const test::ThreadCount scope(threads);
    CHECK(test::bit_difference(kernels::sum_rows(x), expected) == "");
  }
}

TEST_CASE("sum_rows: no columns, no sums") {
  const Device device = test::each_device();
  CHECK(kernels::sum_rows(Tensor::zeros({5, 0}).to(device)).shape() == Shape{0});
  CHECK_THROWS_WITH(kernels::sum_rows(Tensor()), "sum_rows: x is undefined");
}
