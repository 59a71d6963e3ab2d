#include "tests/kernels/cpu/packed/random_convolution.h"

#include <algorithm>

namespace tern::test {
namespace {

packed::ConvolutionShape random_shape(Generator& random) {
  packed::ConvolutionShape s;
  s.kernel_height = between(random, 1, 7);
  s.kernel_width = between(random, 0, 3) != 0 ? s.kernel_height : between(random, 1, 7);
  s.stride_height = between(random, 1, 3);
  s.stride_width = between(random, 0, 3) != 0 ? s.stride_height : between(random, 1, 3);
  s.padding_height = between(random, 0, 3);
  s.padding_width = between(random, 0, 3) != 0 ? s.padding_height : between(random, 0, 3);
  s.border = std::max(s.padding_height, s.padding_width) + between(random, 0, 2);
  s.height = between(random, s.kernel_height, s.kernel_height + 6);
  s.width = between(random, s.kernel_width, s.kernel_width + (between(random, 0, 7) != 0 ? 6 : 90));
  // Few products a problem, so that there can be many problems.
  const int outputs = s.output_height() * s.output_width() * s.kernel_height * s.kernel_width;
  const int most = 100000 / outputs + 1;
  s.channels = between(random, 0, 3) != 0 ? between(random, 1, 200) : 64 * between(random, 1, 4);
  if (s.channels > most) s.channels = between(random, 1, most);
  s.filters = between(random, 0, 3) != 0 ? between(random, 1, 50) : 8 * between(random, 1, 25);
  if (s.filters > most / s.channels + 1) s.filters = between(random, 1, most / s.channels + 1);
  return s;
}

}  // namespace

std::vector<std::int8_t> random_ternary_values(Generator& random, std::size_t count) {
  // Values of any balance between 0 and the others, up to no zeros at all.
  const unsigned zeros = random() % 4 * 64;
  std::vector<std::int8_t> values(count);
  for (auto& value : values) {
    const std::uint32_t bits = random();
    value = (bits & 255) < zeros ? std::int8_t{0} : static_cast<std::int8_t>((bits >> 8 & 1) != 0 ? 1 : -1);
  }
  return values;
}

RandomConvolution::RandomConvolution(std::uint32_t seed, int planes) {
  Generator random(seed);
  shape = random_shape(random);
  shape.planes = planes;
  draw_values(random);
  if (planes == 1) return;
  for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(2 * weight + between(random, -1, 1));
}

RandomConvolution::RandomConvolution(const packed::ConvolutionShape& sizes, std::uint32_t seed)
    : shape(sizes) {
  Generator random(seed);
  draw_values(random);
}

void RandomConvolution::draw_values(Generator& random) {
  const auto size = [](int a, int b, int c) { return static_cast<std::size_t>(a * b * c); };
  x = random_ternary_values(random, size(shape.height, shape.width, shape.channels));
  weights = random_ternary_values(
      random, size(shape.filters, shape.kernel_height * shape.kernel_width, shape.channels));
}

std::string RandomConvolution::text() const {
  const auto text_of = [](int a, int b) { return std::to_string(a) + "x" + std::to_string(b); };
  return text_of(shape.height, shape.width) + ", " + std::to_string(shape.channels) + " channels, " +
         std::to_string(shape.filters) + " filters " + text_of(shape.kernel_height, shape.kernel_width) +
         ", stride " + text_of(shape.stride_height, shape.stride_width) + ", padding " +
         text_of(shape.padding_height, shape.padding_width) + ", border " + std::to_string(shape.border) +
         ", planes " + std::to_string(shape.planes);
}

Guarded<std::uint64_t> pack_with_border(const std::vector<std::int8_t>& values, int height, int width,
                                        int channels, int border) {
  const int pairs = (channels + 63) / 64, row = width + 2 * border;
  Guarded<std::uint64_t> words(static_cast<std::size_t>((height + 2 * border) * row * pairs * 2), 0,
                               0xFFFFFFFF00000000U);
  std::size_t next = 0;
  for (int h = border; h < height + border; ++h) {
    for (int w = border; w < width + border; ++w) {
      for (int c = 0; c < channels; ++c) {
        const std::int8_t value = values[next++];
        std::uint64_t* pair = words.data() + ((h * row + w) * pairs + c / 64) * 2;
        if (value < 0) pair[0] |= std::uint64_t{1} << c % 64;
        if (value != 0) pair[1] |= std::uint64_t{1} << c % 64;
      }
    }
  }
  return words;
}

}  // namespace tern::test
