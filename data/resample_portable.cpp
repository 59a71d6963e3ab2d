#include <algorithm>

#include "tern/data/resample_passes.h"

namespace tern::resample {
namespace {

// Rows that the horizontal pass convolves together, and the lanes they make of one pixel.
constexpr int kBlockRows = 16;
constexpr int kLanes = kBlockRows * kChannels;

std::uint8_t round_to_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

/// kFixedLanes = kLanes lets the compiler keep the sums in vector registers; 0 takes the number at run time.
template <int kFixedLanes>
void convolve(const std::uint8_t* in, std::ptrdiff_t in_stride, const std::int32_t* weights, int taps,
              std::uint8_t* out, int lanes = kFixedLanes) {
  if (kFixedLanes != 0) lanes = kFixedLanes;
  std::int32_t sums[kLanes];
  for (int i = 0; i < lanes; ++i) sums[i] = 1 << (kPrecisionBits - 1);
  for (int tap = 0; tap < taps; ++tap, in += in_stride) {
    const std::int32_t weight = weights[tap];
    for (int i = 0; i < lanes; ++i) sums[i] += weight * in[i];
  }
  for (int i = 0; i < lanes; ++i) out[i] = round_to_byte(sums[i]);
}

void portable_vertical(const ImageView& in, const AxisWeights& axis, std::uint8_t* out,
                       std::ptrdiff_t row_bytes) {
  for (std::size_t y = 0; y < axis.taps.size(); ++y, out += row_bytes) {
    const Taps& taps = axis.taps[y];
    convolve_bytes(in.pixels + taps.first * in.row_bytes, in.row_bytes,
                   axis.weights.data() + y * static_cast<std::size_t>(axis.stride), taps.count, out,
                   in.width * kChannels);
  }
}

/// Up to kBlockRows rows -> (width, 3, kBlockRows), so that neighbours along the row are kLanes bytes apart.
void interleave_rows(const ImageView& in, int first_row, int rows, std::vector<std::uint8_t>& block) {
  const int row_bytes = in.width * kChannels;
  for (int row = 0; row < rows; ++row) {
    const std::uint8_t* from = in.pixels + (first_row + row) * in.row_bytes;
    std::uint8_t* to = block.data() + row;
    for (int i = 0; i < row_bytes; ++i) to[static_cast<std::ptrdiff_t>(i) * kBlockRows] = from[i];
  }
}

/// Sixteen rows are interleaved at a time, which turns the sum along a row into the same lane-wise sum as in
/// the vertical pass.
void portable_horizontal(const ImageView& in, const AxisWeights& axis, std::uint8_t* out,
                         std::ptrdiff_t row_bytes) {
  std::vector<std::uint8_t> block(static_cast<std::size_t>(in.width) * kLanes);
  std::uint8_t pixel[kLanes];
  for (int first_row = 0; first_row < in.height; first_row += kBlockRows) {
    const int rows = std::min(kBlockRows, in.height - first_row);
    interleave_rows(in, first_row, rows, block);
    std::uint8_t* to = out + first_row * row_bytes;
    for (std::size_t x = 0; x < axis.taps.size(); ++x, to += kChannels) {
      const Taps& taps = axis.taps[x];
      convolve<kLanes>(block.data() + static_cast<std::ptrdiff_t>(taps.first) * kLanes, kLanes,
                       axis.weights.data() + x * static_cast<std::size_t>(axis.stride), taps.count, pixel);
      for (int row = 0; row < rows; ++row) {
        for (int c = 0; c < kChannels; ++c) to[row * row_bytes + c] = pixel[c * kBlockRows + row];
      }
    }
  }
}

}  // namespace

void convolve_bytes(const std::uint8_t* in, std::ptrdiff_t in_stride, const std::int32_t* weights, int taps,
                    std::uint8_t* out, int bytes) {
  int i = 0;
  for (; i + kLanes <= bytes; i += kLanes) convolve<kLanes>(in + i, in_stride, weights, taps, out + i);
  if (i < bytes) convolve<0>(in + i, in_stride, weights, taps, out + i, bytes - i);
}

const Passes kPortablePasses{"portable", portable_horizontal, portable_vertical};

}  // namespace tern::resample
