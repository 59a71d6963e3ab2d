// How a data gradient becomes matrix products whose left factor is dy as it is.
//
//   dx[n, iy, ix, i] = sum over ky, kx, o of dy[n, (iy + p - ky) / s, (ix + p - kx) / s, o] * w[o, ky, kx, i]
//
// over the taps for which both quotients are whole and within dy. Whole they are for taps of one remainder:
// the pixels iy = s * a + ry, ix = s * b + rx of one phase (ry, rx) see a convolution of stride 1,
//
//   dx[n, s * a + ry, s * b + rx, i] = sum over taps of the phase, o of dy[n, a + oy, b + ox, o] * w[...]
//
// with offsets oy = (ry + p - ky) / s and ox likewise. A group of images is taken at a time. Row Y of dy of
// all its images is one run of positions, with zeros after each image's, wide enough for all offsets, so that
// a tap is a shift:
//
//   position (Y, image, X) = Y * row + image * cell + X
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tern/core/shape.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/cpu/amx/tile_sizes.h"

namespace tern::kernels::cpu::amx {

/// A tap of a phase: which weights, and where in dy, seen from (a, b).
struct PhaseTap {
  std::int64_t number;  // ky * KW + kx
  std::int64_t rows, columns;
};

/// The pixels (s * a + y, s * b + x) of dx, a < height, b < width, and their taps.
struct Phase {
  std::int64_t y, x, height, width;
  std::vector<PhaseTap> taps;
};

struct DataGradientLayout {
  DataGradientLayout(const Shape& dy, const Shape& w, const Shape& dx, const Conv2dParameters& p)
      : images(dy[0]),
        height(dy[1]),
        width(dy[2]),
        stride(p.stride),
        out_channels(round_up(dy[3], kDepth)),
        in_channels(round_up(dx[3], kBlock)) {
    std::int64_t before = 0, columns = width;
    for (std::int64_t y = 0; y < std::min(stride, dx[1]); ++y) {
      for (std::int64_t x = 0; x < std::min(stride, dx[2]); ++x) {
        Phase phase{y, x, (dx[1] - y + stride - 1) / stride, (dx[2] - x + stride - 1) / stride, {}};
        for (std::int64_t ky = (y + p.padding) % stride; ky < w[1]; ky += stride) {
          for (std::int64_t kx = (x + p.padding) % stride; kx < w[2]; kx += stride) {
            const PhaseTap tap{ky * w[2] + kx, (y + p.padding - ky) / stride, (x + p.padding - kx) / stride};
            phase.taps.push_back(tap);
            before = std::max(before, -tap.columns);
            columns = std::max(columns, phase.width + tap.columns);
          }
        }
        columns = std::max(columns, phase.width);
        phases.push_back(std::move(phase));
      }
    }
    margin = before;
    cell = std::max(width + before, columns);
    const std::int64_t channel_bytes = out_channels * 2;
    const std::int64_t wanted = kGroupBytes / (height * cell * channel_bytes);
    group = std::clamp<std::int64_t>(wanted, std::min(images, (kBlock + cell - 1) / cell), images);
    row = round_up(group * cell, kBlock);
  }

  /// Of dy of a group, with what the products of its first and last rows read beyond it.
  std::int64_t positions() const { return margin + height * row + kBlock + cell; }

  /// What dy of a group takes should leave room in the second cache for the weights of 32 input channels.
  static constexpr std::int64_t kGroupBytes = 512 << 10;

  std::int64_t images, height, width, stride;
  std::int64_t out_channels, in_channels;
  std::int64_t margin;  // zeros before the first position
  std::int64_t cell;    // positions of a row of one image, zeros and all
  std::int64_t group;   // images taken at a time
  std::int64_t row;     // positions of a row of all of them
  std::vector<Phase> phases;
};

}  // namespace tern::kernels::cpu::amx
