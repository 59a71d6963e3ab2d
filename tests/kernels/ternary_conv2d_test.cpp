#include "kernels/ternary_conv2d.h"

#include "core/error.h"
#include "core/random.h"
#include "tests/reference/conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::Conv2dParameters;

namespace {

struct Problem {
  Shape x, t;
  Conv2dParameters parameters;
};

// Small enough that the naive loops stay quick; the channel counts cross every vector width.
Problem random_problem(std::uint32_t index) {
  Random random(1, RandomPurpose::test, 0, index);
  const auto between = [&random](std::uint32_t low, std::uint32_t high) {
    return std::int64_t{low + random.below(high - low + 1)};
  };
  const std::int64_t kernel = between(1, 5), channels = between(1, 70);
  return {{between(1, 3), between(kernel, 9), between(kernel, 9), channels},
          {between(1, 40), kernel, kernel, channels},
          {static_cast<int>(between(1, 3)), static_cast<int>(between(0, 2))}};
}

Tensor as_floats(const Shape& shape, const std::vector<std::int32_t>& integers) {
  return Tensor::from<float>(shape, {integers.begin(), integers.end()});
}

}  // namespace

TEST_CASE(
    "ternary_conv2d: 200 random problems equal the integer convolution exactly, on 1, 2 and 3 threads") {
  for (std::uint32_t index = 0; index < 200; ++index) {
    const Problem q = random_problem(index);
    INFO("problem " << index << ": x " << to_string(q.x) << ", t " << to_string(q.t) << ", stride "
                    << q.parameters.stride << ", padding " << q.parameters.padding);
    const Tensor x = test::random_ternary(q.x, 2 * index), t = test::random_ternary(q.t, 2 * index + 1);
    const Tensor expected = as_floats(kernels::conv2d_output_shape("test", q.x, q.t, q.parameters),
                                      reference::conv2d<std::int32_t>(x, t, q.parameters));
    const test::ThreadCount threads(1 + static_cast<int>(index % 3));
    // + 0 turns a -0, which is the integer 0 as well, into +0.
    Tensor z = kernels::ternary_conv2d(x, t, q.parameters);
    for (std::int64_t i = 0; i < z.numel(); ++i) z.data<float>()[i] += 0.0F;
    REQUIRE(test::bit_difference(z, expected) == "");
  }
}

TEST_CASE("ternary_conv2d: the longest sums of a ResNet-18 reach their bound exactly") {
  const Tensor x = Tensor::full({1, 4, 4, 512}, -1.0F), t = Tensor::full({8, 3, 3, 512}, 1.0F);
  const Tensor z = kernels::ternary_conv2d(x, t, {1, 0});
  CHECK(test::bit_difference(z, Tensor::full({1, 2, 2, 8}, -4608.0F)) == "");
}

TEST_CASE("ternary_conv2d: gradients are those of the float convolution") {
  const Tensor x = test::random_ternary({2, 5, 6, 9}, 1), t = test::random_ternary({7, 3, 3, 9}, 2);
  const Conv2dParameters p{2, 1};
  const Tensor dz = test::random_tensor({2, 3, 3, 7}, 3);
  // Sums of at most 63 and 18 terms below one.
  CHECK(test::difference(kernels::ternary_conv2d_backward_data(dz, t, x.shape(), p),
                         reference::conv2d_backward_data(dz, t, x.shape(), p), 63 * 63 * test::kUnit) == "");
  CHECK(test::difference(kernels::ternary_conv2d_backward_weights(dz, x, t.shape(), p),
                         reference::conv2d_backward_weights(dz, x, t.shape(), p),
                         18 * 18 * test::kUnit) == "");
}

TEST_CASE("ternary_conv2d: arguments that do not fit together are named") {
  const Tensor x = Tensor::zeros({2, 5, 5, 3}), t = Tensor::zeros({4, 3, 3, 3});
  CHECK_THROWS_WITH(kernels::ternary_conv2d(x, Tensor::zeros({4, 3, 3, 8}), {1, 1}),
                    "ternary_conv2d: x is (2, 5, 5, 3) but w is (4, 3, 3, 8); input channels differ");
  CHECK_THROWS_WITH(kernels::ternary_conv2d(x, Tensor(), {1, 1}), "ternary_conv2d: t is undefined");
  const Tensor dz = Tensor::zeros({2, 6, 5, 4});
  CHECK_THROWS_WITH(kernels::ternary_conv2d_backward_data(dz, t, x.shape(), {1, 1}),
                    "ternary_conv2d_backward_data: dy is (2, 6, 5, 4), expected (2, 5, 5, 4)");
  CHECK_THROWS_WITH(kernels::ternary_conv2d_backward_weights(dz, x, t.shape(), {1, 1}),
                    "ternary_conv2d_backward_weights: dy is (2, 6, 5, 4), expected (2, 5, 5, 4)");
}

TEST_CASE("ternary_conv2d: a filter whose sum could exceed 2^24 is refused") {
  const Tensor x = Tensor::zeros({0, 1, 1, (1 << 24) + 1});
  CHECK_THROWS_WITH(kernels::ternary_conv2d(x, Tensor::empty({1, 1, 1, (1 << 24) + 1}), {}),
                    Catch::Contains("2^24"));
}
