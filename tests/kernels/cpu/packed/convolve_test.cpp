#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/kernels/cpu/packed/weights.h"
#include "tests/kernels/cpu/packed/random_convolution.h"
#include "tests/reference/ternary_convolution.h"
#include "tests/support/catch.h"

using namespace tern;
using packed::available_kernels;
using packed::ConvolutionShape;

namespace {

/// z, in two parts: rows before and from `middle`.
template <class Element, class Convolve>
std::vector<std::int32_t> convolve_in_parts(const Convolve& convolve, const ConvolutionShape& shape,
                                            const std::uint64_t* x, const std::uint64_t* weights,
                                            int middle) {
  const auto size = static_cast<std::size_t>(shape.output_height() * shape.output_width() * shape.filters);
  test::Guarded<Element> z(size, Element{1234}, Element{4321});
  convolve(shape, x, weights, middle, shape.output_height(), z.data());
  convolve(shape, x, weights, 0, middle, z.data());
  REQUIRE(z.intact());
  const std::vector<Element> values = z.values();
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("packed convolution: every instruction set gives the integers of the definition") {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    const test::RandomConvolution problem(seed);
    const ConvolutionShape& shape = problem.shape;
    const std::vector<std::int32_t> expected =
        reference::ternary_convolution(shape, problem.x, problem.weights);
    const auto x = test::pack_with_border(problem.x, shape.height, shape.width, shape.channels, shape.border);
    const int middle = static_cast<int>(seed) % (shape.output_height() + 1);
    for (const packed::Kernels* kernels : available_kernels()) {
      const std::vector<std::uint64_t> weights =
          packed::arrange_weights(*kernels, shape, problem.weights.data());
      INFO(kernels->name << ", problem " << seed << ": " << problem.text());
      REQUIRE(convolve_in_parts<std::int16_t>(kernels->convolve_i16, shape, x.data(), weights.data(),
                                              middle) == expected);
      REQUIRE(convolve_in_parts<std::int32_t>(kernels->convolve_i32, shape, x.data(), weights.data(),
                                              middle) == expected);
    }
  }
}

TEST_CASE("packed convolution: the greatest sums of a long window, of either sign") {
  ConvolutionShape shape;
  shape.height = shape.width = 7;
  shape.kernel_height = shape.kernel_width = 7;
  shape.channels = 1000;
  shape.filters = 2;
  const std::size_t window = 7 * 7 * 1000;
  const std::vector<std::int8_t> ones(window, 1);
  std::vector<std::int8_t> filters(2 * window, 1);
  std::fill(filters.begin() + window, filters.end(), std::int8_t{-1});
  const auto x = test::pack_with_border(ones, 7, 7, 1000, 0);
  for (const packed::Kernels* kernels : available_kernels()) {
    const std::vector<std::uint64_t> weights = packed::arrange_weights(*kernels, shape, filters.data());
    INFO(kernels->name);
    CHECK(convolve_in_parts<std::int32_t>(kernels->convolve_i32, shape, x.data(), weights.data(), 0) ==
          std::vector<std::int32_t>{49000, -49000});
  }
}
