#include "tern/kernels/cpu/packed/condense.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/kernels/cpu/packed/pair_sums.h"
#include "tern/kernels/cpu/packed/pixel_lanes.h"
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

/// Leaves numbers where the next call has its variables.
[[gnu::noinline]] void scribble(test::Generator& random) {
  volatile std::uint32_t stack[50000];
  for (volatile std::uint32_t& number : stack) number = random();
}

/// What all instruction sets compute in two parts is compared with the definition.
void check_values(const ConvolutionShape& shape, const std::vector<std::int8_t>& values,
                  const std::vector<std::int8_t>& filters, test::Generator& random) {
  const auto expected = reference::ternary_convolution(shape, values, filters);
  const auto x = test::pack_with_border(values, shape.height, shape.width, shape.channels, shape.border);
  for (const packed::Kernels* kernels : available_kernels()) {
    INFO(kernels->name << ": " << shape.height << "x" << shape.width << ", " << shape.channels
                       << " channels, " << shape.filters << " filters, stride " << shape.stride_width);
    const packed::ArrangedWeights weights = packed::arrange_weights(*kernels, shape, filters.data());
    scribble(random);
    CHECK(convolve_in_parts<std::int16_t>(kernels->convolve_i16, shape, x.data(), weights.data(),
                                          shape.output_height() / 3) == expected);
  }
}

/// The same of a problem of these sizes.
void check_shape(const ConvolutionShape& shape, test::Generator& random) {
  const auto size = [](int a, int b, int c) { return static_cast<std::size_t>(a * b * c); };
  const auto values = test::random_ternary_values(random, size(shape.height, shape.width, shape.channels));
  const auto filters = test::random_ternary_values(
      random, size(shape.filters, shape.kernel_height * shape.kernel_width, shape.channels));
  check_values(shape, values, filters, random);
}

}  // namespace

TEST_CASE("packed convolution: every instruction set gives the integers of the definition") {
  for (std::uint32_t seed = 0; seed < 4000; ++seed) {
    const test::RandomConvolution problem(seed, seed < 3000 ? 1 : 2);
    const ConvolutionShape& shape = problem.shape;
    const std::vector<std::int32_t> expected =
        reference::ternary_convolution(shape, problem.x, problem.weights);
    const auto x = test::pack_with_border(problem.x, shape.height, shape.width, shape.channels, shape.border);
    const int middle = static_cast<int>(seed) % (shape.output_height() + 1);
    for (const packed::Kernels* kernels : available_kernels()) {
      const packed::ArrangedWeights weights =
          packed::arrange_weights(*kernels, shape, problem.weights.data());
      INFO(kernels->name << ", problem " << seed << ": " << problem.text());
      REQUIRE(convolve_in_parts<std::int16_t>(kernels->convolve_i16, shape, x.data(), weights.data(),
                                              middle) == expected);
      REQUIRE(convolve_in_parts<std::int32_t>(kernels->convolve_i32, shape, x.data(), weights.data(),
                                              middle) == expected);
    }
  }
}

TEST_CASE(
    "packed convolution: pixels of few channels share words where the kernel's width is a multiple of them") {
  const auto taps = [](int channels, int kernel_height, int kernel_width) {
    ConvolutionShape shape;
    shape.channels = channels;
    shape.kernel_height = kernel_height;
    shape.kernel_width = kernel_width;
    return packed::Condensing(shape).taps;
  };
  CHECK(taps(16, 3, 3) == 3);
  CHECK(taps(21, 3, 3) == 1);  // 24 bits a pixel
  CHECK(taps(32, 3, 3) == 1);
  CHECK(taps(32, 2, 2) == 2);
  CHECK(taps(1, 7, 7) == 7);
  CHECK(taps(16, 1, 1) == 1);
  CHECK(taps(16, 16, 3) == 3);
  CHECK(taps(16, 17, 3) == 1);  // more than the copy of a window has room for
}

TEST_CASE("packed convolution: few channels with pixels in the lanes, whatever rows a vector of them spans") {
  ConvolutionShape shape;
  shape.kernel_height = shape.kernel_width = 3;
  shape.padding_height = shape.padding_width = shape.border = 1;
  shape.height = 6;
  shape.filters = 19;
  test::Generator random(1);
  for (const int width : {5, 16, 28, 32, 70}) {
    for (const int channels : {9, 16, 32, 48}) {
      for (const int stride : {1, 2}) {
        shape.width = width, shape.channels = channels;
        shape.stride_height = shape.stride_width = stride;
        CHECK(packed::wants_pixel_lanes(shape) == (width > 5 || stride == 1));  // not for 9 pixels
        const auto values =
            test::random_ternary_values(random, static_cast<std::size_t>(6 * width * channels));
        const auto filters = test::random_ternary_values(random, static_cast<std::size_t>(19 * 9 * channels));
        const auto x = test::pack_with_border(values, shape.height, width, channels, 1);
        for (const packed::Kernels* kernels : available_kernels()) {
          INFO(kernels->name << ": width " << width << ", " << channels << " channels, stride " << stride);
          const packed::ArrangedWeights weights = packed::arrange_weights(*kernels, shape, filters.data());
          CHECK(convolve_in_parts<std::int16_t>(kernels->convolve_i16, shape, x.data(), weights.data(), 1) ==
                reference::ternary_convolution(shape, values, filters));
        }
      }
    }
  }
  shape.channels = 64;
  CHECK_FALSE(packed::wants_pixel_lanes(shape));  // they fill words of 64
  shape.channels = 16, shape.stride_width = 3;
  CHECK_FALSE(packed::wants_pixel_lanes(shape));
  shape.stride_width = 1, shape.height = shape.width = 1;
  CHECK_FALSE(packed::wants_pixel_lanes(shape));  // a vector for one pixel
}

TEST_CASE("packed convolution: sums of two channels, whatever runs of pixels make a tile") {
  struct Kernel {
    int height, width;
  };
  test::Generator random(1);
  ConvolutionShape shape;
  shape.padding_height = shape.padding_width = shape.border = 1;
  for (const auto& [height, width] : {Kernel{3, 3}, Kernel{5, 3}, Kernel{2, 5}, Kernel{1, 4}}) {
    shape.kernel_height = height, shape.kernel_width = width;
    for (const int side : {5, 8, 16, 20, 29, 32, 45, 64}) {
      for (const int stride : {1, 2}) {
        shape.stride_height = shape.stride_width = stride;
        shape.height = (side - 1) * stride + height - 2, shape.width = (side - 1) * stride + width - 2;
        if (shape.height < 1) continue;
        for (const int channels : {3, 16, 70}) {
          shape.channels = channels, shape.filters = channels + 5;
          // With 5 by 5 pixels most lanes are empty, with 8 by 8 half of 128.
          if (channels < 70) {
            CHECK(packed::pair_sums::k32Lanes.wants(shape) == (side > 5));
            CHECK(packed::pair_sums::k64Lanes.wants(shape) == (side > 8));
          }
          check_shape(shape, random);
        }
      }
    }
  }
}

TEST_CASE("packed convolution: sums of two channels in groups, whatever part of the weights is 0") {
  ConvolutionShape shape;
  shape.height = shape.width = 16;
  shape.padding_height = shape.padding_width = shape.border = 1;
  shape.kernel_height = shape.kernel_width = 3;
  shape.channels = 8, shape.filters = 37;
  REQUIRE(packed::pair_sums::k32Lanes.wants(shape));
  REQUIRE(packed::pair_sums::k64Lanes.wants(shape));
  test::Generator random(1);
  const std::vector<std::int8_t> ones(16 * 16 * 8, 1);
  // Filter f has f pairs of which one weight is 0, the others are 1: from 9 of 36 on, nine groups are enough.
  std::vector<std::int8_t> filters(37 * 9 * 8, 1);
  for (std::size_t f = 0; f < 37; ++f) {
    for (std::size_t pair = 0; pair < f; ++pair) {
      const std::size_t tap = pair % 9, channel = pair / 9 + pair / 18 * 2;  // 0, 1, 4, 5
      filters[(f * 9 + tap) * 8 + channel + (f % 2) * 2] = 0;
    }
  }
  check_values(shape, ones, filters, random);
}

TEST_CASE("packed convolution: the greatest sums of two channels, of either sign") {
  ConvolutionShape shape;
  shape.height = 18, shape.width = 12;
  shape.kernel_height = 3, shape.kernel_width = 5;
  shape.channels = 200;
  shape.filters = 16;
  REQUIRE(packed::pair_sums::k32Lanes.wants(shape));
  REQUIRE(packed::pair_sums::k64Lanes.wants(shape));
  const std::size_t window = 15 * 200;
  std::vector<std::int8_t> filters(16 * window, 1);
  std::fill(filters.begin() + window, filters.begin() + 2 * window, std::int8_t{-1});
  for (const int value : {1, -1}) {
    const std::vector<std::int8_t> values(18 * 12 * 200, static_cast<std::int8_t>(value));
    const auto expected = reference::ternary_convolution(shape, values, filters);
    const auto x = test::pack_with_border(values, shape.height, shape.width, shape.channels, 0);
    for (const packed::Kernels* kernels : available_kernels()) {
      INFO(kernels->name << ", all activations " << value);
      const packed::ArrangedWeights weights = packed::arrange_weights(*kernels, shape, filters.data());
      CHECK(convolve_in_parts<std::int16_t>(kernels->convolve_i16, shape, x.data(), weights.data(), 5) ==
            expected);
    }
  }
}

TEST_CASE("packed convolution: windows longer than what is counted at once, of filters that fill vectors") {
  ConvolutionShape shape;
  shape.height = shape.width = shape.kernel_height = shape.kernel_width = 3;
  shape.channels = 600;
  const std::size_t window = 9 * 600;
  test::Generator random(1);
  for (const int filters : {20, 40, 70}) {
    shape.filters = filters;
    const std::size_t count = static_cast<std::size_t>(filters) * window;
    for (const bool least : {false, true}) {  // all products -1, which carry most
      const auto values =
          least ? std::vector<std::int8_t>(window, 1) : test::random_ternary_values(random, window);
      const auto weights =
          least ? std::vector<std::int8_t>(count, -1) : test::random_ternary_values(random, count);
      const auto expected = reference::ternary_convolution(shape, values, weights);
      const auto x = test::pack_with_border(values, 3, 3, shape.channels, 0);
      for (const packed::Kernels* kernels : available_kernels()) {
        INFO(kernels->name << ", " << filters << " filters");
        const packed::ArrangedWeights words = packed::arrange_weights(*kernels, shape, weights.data());
        CHECK(convolve_in_parts<std::int32_t>(kernels->convolve_i32, shape, x.data(), words.data(), 0) ==
              expected);
      }
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
    const packed::ArrangedWeights weights = packed::arrange_weights(*kernels, shape, filters.data());
    INFO(kernels->name);
    CHECK(convolve_in_parts<std::int32_t>(kernels->convolve_i32, shape, x.data(), weights.data(), 0) ==
          std::vector<std::int32_t>{49000, -49000});
  }
}
