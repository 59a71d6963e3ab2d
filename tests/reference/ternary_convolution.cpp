#include "tests/reference/ternary_convolution.h"

namespace tern::reference {
namespace {

std::int32_t window_sum(const packed::ConvolutionShape& s, const std::int8_t* x, const std::int8_t* filter,
                        int row, int column) {
  std::int32_t sum = 0;
  for (int kh = 0; kh < s.kernel_height; ++kh) {
    for (int kw = 0; kw < s.kernel_width; ++kw) {
      const int h = row * s.stride_height + kh - s.padding_height,
                w = column * s.stride_width + kw - s.padding_width;
      if (h < 0 || h >= s.height || w < 0 || w >= s.width) continue;
      for (int c = 0; c < s.channels; ++c) {
        sum += x[(h * s.width + w) * s.channels + c] * filter[(kh * s.kernel_width + kw) * s.channels + c];
      }
    }
  }
  return sum;
}

}  // namespace

std::vector<std::int32_t> ternary_convolution(const packed::ConvolutionShape& s,
                                              const std::vector<std::int8_t>& x,
                                              const std::vector<std::int8_t>& weights) {
  std::vector<std::int32_t> sums;
  for (int row = 0; row < s.output_height(); ++row) {
    for (int column = 0; column < s.output_width(); ++column) {
      for (int filter = 0; filter < s.filters; ++filter) {
        const int size = s.kernel_height * s.kernel_width * s.channels;
        sums.push_back(window_sum(s, x.data(), weights.data() + filter * size, row, column));
      }
    }
  }
  return sums;
}

}  // namespace tern::reference
