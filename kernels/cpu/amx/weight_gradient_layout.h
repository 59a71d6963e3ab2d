// How a weight gradient becomes matrix products whose factors are whole, aligned tiles.
//
// The sum over positions may run in any order that both factors share. A group of images is taken at a time;
// row Y of all its images is one run of positions, padded to whole tiles:
//
//   position (Y, image, X) = Y * row + image * width + X,  Y and X of the output
//
// dy stands there as it is. x is laid out once for each kx, with x[stride * X + kx - padding] at X, and zero
// where that is outside of the image. Its rows j = Y * stride + ky of the padded image are kept in `stride`
// sections by j % stride, so that all rows which ky needs follow each other:
//
//   dw[o, ky, kx, i] = sum over Y, image, X of dy[(Y, image, X), o] * x_kx[(section ky % stride, Y + ky /
//   stride), i]
//
// where Y runs over the rows for which the image has row Y * stride + ky - padding.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tern/core/shape.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/cpu/amx/tile_sizes.h"

namespace tern::kernels::cpu::amx {

constexpr std::int64_t kPositions = kDepth;  // of one product
constexpr std::int64_t kChannels = kBlock;   // on each side of a block of sums

struct WeightGradientLayout {
  WeightGradientLayout(const Shape& dy, const Shape& x, const Shape& dw, const Conv2dParameters& p)
      : images(dy[0]),
        height(dy[1]),
        width(dy[2]),
        in_height(x[1]),
        in_width(x[2]),
        kernel_height(dw[1]),
        kernel_width(dw[2]),
        stride(p.stride),
        padding(p.padding),
        group(std::clamp<std::int64_t>(kGroupPositions / (height * width), 1, images)),
        row(round_up(group * width, kPositions)),
        section_rows(height + (kernel_height - 1) / stride),
        out_channels(round_up(dy[3], kChannels)),
        in_channels(round_up(x[3], kChannels)) {}

  std::int64_t left_positions() const { return height * row; }
  std::int64_t right_positions() const { return stride * section_rows * row; }

  /// The first position of the x that belongs to position 0 of dy, for taps in row ky.
  std::int64_t right_offset(std::int64_t ky) const {
    return (ky % stride * section_rows + ky / stride) * row;
  }

  /// The rows Y of the output for which the image has row Y * stride + ky - padding.
  std::int64_t first_row(std::int64_t ky) const {
    return std::clamp<std::int64_t>((padding - ky + stride - 1) / stride, 0, height);
  }
  std::int64_t end_row(std::int64_t ky) const {
    const std::int64_t rows = in_height + padding - ky;
    return rows <= 0 ? 0 : std::min(height, (rows + stride - 1) / stride);
  }

  /// As many images are taken together as give about so many positions: enough work between loading and
  /// storing sums, in factors that stay in the second cache.
  static constexpr std::int64_t kGroupPositions = 512;

  std::int64_t images, height, width;
  std::int64_t in_height, in_width;
  std::int64_t kernel_height, kernel_width, stride, padding;
  std::int64_t group;         // images taken at a time
  std::int64_t row;           // positions of a row of all of them
  std::int64_t section_rows;  // rows of x in each section
  std::int64_t out_channels, in_channels;
};

}  // namespace tern::kernels::cpu::amx
