// The specification of the packed convolution: one word of 64 channels after the other.
#include "kernels/packed_ternary_conv2d.h"

#include <bit>

#include "core/parallel.h"
#include "kernels/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

/// The sum of products of `pairs` pairs of words.
std::int64_t dot(const std::uint64_t* a, const std::uint64_t* b, std::int64_t pairs) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < 2 * pairs; i += 2) {
    const std::uint64_t both = a[i + 1] & b[i + 1], differ = both & (a[i] ^ b[i]);
    sum += std::popcount(both) - 2 * std::popcount(differ);
  }
  return sum;
}

/// One output pixel (n, row, column) and one filter.
std::int64_t window_sum(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& p,
                        std::int64_t n, std::int64_t row, std::int64_t column, std::int64_t filter) {
  const std::int64_t height = x.shape()[1], width = x.shape()[2], pairs = x.row_pairs();
  const std::uint64_t* weights = t.words() + filter * t.shape()[1] * t.shape()[2] * 2 * pairs;
  std::int64_t sum = 0;
  for (std::int64_t kh = 0; kh < t.shape()[1]; ++kh) {
    for (std::int64_t kw = 0; kw < t.shape()[2]; ++kw, weights += 2 * pairs) {
      const std::int64_t h = row * p.stride + kh - p.padding, w = column * p.stride + kw - p.padding;
      if (h < 0 || h >= height || w < 0 || w >= width) continue;
      sum += dot(x.words() + ((n * height + h) * width + w) * 2 * pairs, weights, pairs);
    }
  }
  return sum;
}

template <class Z>
void convolve(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& p, const Shape& shape,
              Z* z) {
  const std::int64_t rows = shape[0] * shape[1], width = shape[2], filters = shape[3];
  parallel_for(0, rows, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first * width; i < last * width; ++i) {
      const std::int64_t line = i / width;
      for (std::int64_t o = 0; o < filters; ++o) {
        z[i * filters + o] =
            static_cast<Z>(window_sum(x, t, p, line / shape[1], line % shape[1], i % width, o));
      }
    }
  });
}

}  // namespace

void packed_ternary_conv2d(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& parameters,
                           Tensor& z) {
  visit_integers(z, [&](auto* pz) { convolve(x, t, parameters, z.shape(), pz); });
}

}  // namespace tern::kernels::cpu
