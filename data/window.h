// A rectangle cut out of an image. It may lie partly outside, where the padding mode says what there is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tern/data/resize.h"

namespace tern {

enum class PaddingMode {
  zero,     // black
  reflect,  // the image mirrored at its outermost pixels, which are not repeated, as torch.nn.ReflectionPad2d
};

struct Window {
  int top = 0;  // of the image's rows; negative: above it
  int left = 0;
  ImageExtents size = {};
  bool mirror = false;  // left and right change places
  PaddingMode padding_mode = PaddingMode::zero;
};

/// Where pixel `position` of a padded line of `extent` pixels comes from; -1: it is black. With reflection a
/// padding wider than the line goes back and forth.
constexpr int padded_source(int position, int extent, PaddingMode mode) {
  if (position >= 0 && position < extent) return position;
  if (mode == PaddingMode::zero) return -1;
  if (extent == 1) return 0;
  const int period = 2 * (extent - 1);
  const int phase = (position % period + period) % period;
  return phase < extent ? phase : period - phase;
}

/// Calls write(rgb) for each pixel of the window, row by row, with its three bytes in `view`.
template <class Write>
void for_each_pixel(const ImageView& view, const Window& window, const Write& write) {
  static constexpr std::uint8_t kBlack[3] = {0, 0, 0};
  std::vector<int> offsets(
      static_cast<std::size_t>(window.size.width));  // of the columns, in bytes; or negative
  for (int x = 0; x < window.size.width; ++x) {
    const int column = window.left + (window.mirror ? window.size.width - 1 - x : x);
    offsets[static_cast<std::size_t>(x)] = 3 * padded_source(column, view.width, window.padding_mode);
  }
  for (int y = 0; y < window.size.height; ++y) {
    const int row = padded_source(window.top + y, view.height, window.padding_mode);
    const std::uint8_t* from = row < 0 ? nullptr : view.pixels + row * view.row_bytes;
    for (const int offset : offsets) write(from == nullptr || offset < 0 ? kBlack : from + offset);
  }
}

}  // namespace tern
