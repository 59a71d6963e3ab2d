// The functions of struct Kernels (kernels.h) for an instruction set, which convolve.h describes; in addition
//   at_least(y, x)   a bit per lane: y >= x
#pragma once

#include "kernels/cpu/packed/convolve.h"
#include "kernels/cpu/packed/kernels.h"

namespace tern::packed {
namespace {

inline int lanes_of(int channels, int block) {
  const int left = channels - block * kLanes;
  return left < kLanes ? left : kLanes;
}

template <class Isa, class Vector, class Element>
void convolve_integers(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                       int first_row, int last_row, Element* z) {
  const std::ptrdiff_t filters = shape.filters;
  convolve_rows<Isa>(shape, x, weights, first_row, last_row,
                     [=](const Strip& strip, int pixel, int block, const I32x8& sums) {
                       store(__builtin_convertvector(sums, Vector), lanes_of(shape.filters, block),
                             z + (strip.first + pixel) * filters + block * kLanes);
                     });
}

/// Where a pixel's words begin in a buffer with a border.
inline std::uint8_t* packed_pixel(const PackedOutput& to, int width, int channels, int row, int column) {
  const std::ptrdiff_t pixel = std::ptrdiff_t{row + to.border} * (width + 2 * to.border) + column + to.border;
  const int pairs = (channels + kWordChannels - 1) / kWordChannels;
  return reinterpret_cast<std::uint8_t*>(to.words + 2 * pixel * pairs);
}

/// Eight channels of a pixel: a byte of the sign word and one of the mask word. Words are little-endian.
template <class Isa>
inline void pack_block(const F32x8& y, const Thresholds& thresholds, int block, std::uint8_t* pixel) {
  const unsigned low = Isa::at_least(y, load(thresholds.low + block * kLanes));
  const unsigned high = Isa::at_least(y, load(thresholds.high + block * kLanes));
  const unsigned rising = thresholds.rising[block];
  std::uint8_t* word = pixel + block / 8 * 16 + block % 8;
  word[0] = static_cast<std::uint8_t>((rising & ~low) | (~rising & high));
  word[8] = static_cast<std::uint8_t>(~low | high);
}

inline F32x8 stream_value(const I32x8& z, const Epilogue& e, int block, const F32x8& shortcut) {
  const std::ptrdiff_t c = std::ptrdiff_t{block} * kLanes;
  const F32x8 centred = load(e.scale + c) * __builtin_convertvector(z, F32x8) - load(e.mean + c);
  const F32x8 u = (centred * load(e.gain + c) + load(e.beta + c)) + shortcut;
  const F32x8 negative = load(e.slope + c) * u;
  return u > 0 ? u : negative;
}

template <class Isa>
void convolve_fused(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                    const Epilogue& epilogue, const float* shortcut, int first_row, int last_row, float* y,
                    const PackedOutput& next) {
  const int width = shape.output_width();
  convolve_rows<Isa>(
      shape, x, weights, first_row, last_row, [=](const Strip& strip, int i, int block, const I32x8& sums) {
        const int pixel = strip.first + i, lanes = lanes_of(shape.filters, block);
        const std::ptrdiff_t at = std::ptrdiff_t{pixel} * shape.filters + block * kLanes;
        const F32x8 value = stream_value(sums, epilogue, block, load(shortcut + at, lanes));
        store(value, lanes, y + at);
        if (next.words == nullptr) return;
        pack_block<Isa>(value, next.thresholds, block,
                        packed_pixel(next, width, shape.filters, pixel / width, pixel % width));
      });
}

template <class Isa>
void ternarise(const float* y, int height, int width, int channels, int first_row, int last_row,
               const PackedOutput& next) {
  (void)height;
  for (int row = first_row; row < last_row; ++row) {
    for (int column = 0; column < width; ++column) {
      std::uint8_t* pixel = packed_pixel(next, width, channels, row, column);
      const float* from = y + (std::ptrdiff_t{row} * width + column) * channels;
      for (int block = 0; block * kLanes < channels; ++block) {
        pack_block<Isa>(load(from + block * kLanes, lanes_of(channels, block)), next.thresholds, block,
                        pixel);
      }
    }
  }
}

template <class Isa>
constexpr Kernels make_kernels(const char* name) {
  return {name, &convolve_integers<Isa, I16x8, std::int16_t>, &convolve_integers<Isa, I32x8, std::int32_t>,
          &convolve_fused<Isa>, &ternarise<Isa>};
}

}  // namespace
}  // namespace tern::packed
