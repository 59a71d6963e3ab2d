#include "tern/data/resize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "tern/core/error.h"

namespace tern {
namespace {

// An accumulator holds 8 bits of pixel and 2 bits of overshoot; the rest of 32 bits is the weight's fraction.
constexpr int kPrecisionBits = 32 - 8 - 2;
constexpr int kChannels = 3;
// Rows that the horizontal pass convolves together, and the lanes they make of one pixel.
constexpr int kBlockRows = 16;
constexpr int kLanes = kBlockRows * kChannels;

double bilinear(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

double bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

struct Taps {
  int first = 0;  // index of the first input pixel
  int count = 0;
  std::ptrdiff_t weights = 0;  // where its weights start
};

/// The input pixels of every output pixel along one axis, with their fixed-point weights.
struct AxisWeights {
  std::vector<Taps> taps;
  std::vector<std::int32_t> weights;
};

void append_weights(AxisWeights& axis, const Taps& taps, double center, double filter_scale,
                    Interpolation interpolation, std::vector<double>& scratch) {
  const auto filter = interpolation == Interpolation::bicubic ? bicubic : bilinear;
  const double inverse_scale = 1.0 / filter_scale;
  double sum = 0.0;
  scratch.clear();
  for (int i = 0; i < taps.count; ++i) {
    scratch.push_back(filter((i + taps.first - center + 0.5) * inverse_scale));
    sum += scratch.back();
  }
  for (double weight : scratch) {
    if (sum != 0.0) weight /= sum;
    const double fixed = weight * (1 << kPrecisionBits);
    axis.weights.push_back(static_cast<std::int32_t>(fixed + (weight < 0 ? -0.5 : 0.5)));
  }
}

AxisWeights make_axis_weights(int in_size, int out_size, Interpolation interpolation) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = (interpolation == Interpolation::bicubic ? 2.0 : 1.0) * filter_scale;
  AxisWeights axis;
  std::vector<double> scratch;
  for (int i = 0; i < out_size; ++i) {
    const double center = (i + 0.5) * scale;
    Taps taps;
    taps.first = std::max(static_cast<int>(center - support + 0.5), 0);
    taps.count = std::min(static_cast<int>(center + support + 0.5), in_size) - taps.first;
    taps.weights = static_cast<std::ptrdiff_t>(axis.weights.size());
    append_weights(axis, taps, center, filter_scale, interpolation, scratch);
    axis.taps.push_back(taps);
  }
  return axis;
}

std::uint8_t round_to_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

/// out[i] = sum over taps of weight * in[tap][i], for `lanes` neighbouring bytes. kFixedLanes = kLanes lets
/// the compiler keep the sums in vector registers; 0 takes the number at run time.
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

/// (height, width, 3) -> (out_height, width, 3)
Image resize_vertically(const ImageView& in, int out_height, Interpolation interpolation) {
  const AxisWeights axis = make_axis_weights(in.height, out_height, interpolation);
  const int row_bytes = in.width * kChannels;
  Image out{out_height, in.width,
            std::vector<std::uint8_t>(static_cast<std::size_t>(out_height) * row_bytes)};
  for (int y = 0; y < out_height; ++y) {
    const Taps& taps = axis.taps[y];
    const std::uint8_t* from = in.pixels + taps.first * in.row_bytes;
    std::uint8_t* to = out.pixels.data() + static_cast<std::ptrdiff_t>(y) * row_bytes;
    const std::int32_t* weights = axis.weights.data() + taps.weights;
    int x = 0;
    for (; x + kLanes <= row_bytes; x += kLanes) {
      convolve<kLanes>(from + x, in.row_bytes, weights, taps.count, to + x);
    }
    if (x < row_bytes) convolve<0>(from + x, in.row_bytes, weights, taps.count, to + x, row_bytes - x);
  }
  return out;
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

/// (height, width, 3) -> (height, out_width, 3). Sixteen rows are interleaved at a time, which turns the
/// sum along a row into the same lane-wise sum as in the vertical pass.
Image resize_horizontally(const ImageView& in, int out_width, Interpolation interpolation) {
  const AxisWeights axis = make_axis_weights(in.width, out_width, interpolation);
  const std::ptrdiff_t out_row_bytes = static_cast<std::ptrdiff_t>(out_width) * kChannels;
  Image out{in.height, out_width,
            std::vector<std::uint8_t>(static_cast<std::size_t>(in.height * out_row_bytes))};
  std::vector<std::uint8_t> block(static_cast<std::size_t>(in.width) * kLanes);
  std::uint8_t pixel[kLanes];
  for (int first_row = 0; first_row < in.height; first_row += kBlockRows) {
    const int rows = std::min(kBlockRows, in.height - first_row);
    interleave_rows(in, first_row, rows, block);
    std::uint8_t* to = out.pixels.data() + first_row * out_row_bytes;
    for (int x = 0; x < out_width; ++x, to += kChannels) {
      const Taps& taps = axis.taps[x];
      convolve<kLanes>(block.data() + static_cast<std::ptrdiff_t>(taps.first) * kLanes, kLanes,
                       axis.weights.data() + taps.weights, taps.count, pixel);
      for (int row = 0; row < rows; ++row) {
        for (int c = 0; c < kChannels; ++c) to[row * out_row_bytes + c] = pixel[c * kBlockRows + row];
      }
    }
  }
  return out;
}

Image copy_of(const ImageView& view) {
  Image copy{view.height, view.width, {}};
  copy.pixels.resize(static_cast<std::size_t>(view.height) * view.width * kChannels);
  const std::size_t row_bytes = static_cast<std::size_t>(view.width) * kChannels;
  for (int y = 0; y < view.height; ++y) {
    std::memcpy(copy.pixels.data() + y * row_bytes, view.pixels + y * view.row_bytes, row_bytes);
  }
  return copy;
}

}  // namespace

std::string to_string(Interpolation interpolation) {
  return interpolation == Interpolation::bicubic ? "bicubic" : "bilinear";
}

ImageView view_of(const Image& image) {
  return {image.pixels.data(), image.height, image.width,
          static_cast<std::ptrdiff_t>(image.width) * kChannels};
}

ImageView crop_of(const ImageView& view, int top, int left, int height, int width) {
  assert(top >= 0 && left >= 0 && top + height <= view.height && left + width <= view.width);
  return {view.pixels + top * view.row_bytes + static_cast<std::ptrdiff_t>(left) * kChannels, height, width,
          view.row_bytes};
}

Image resize(const ImageView& source, int height, int width, Interpolation interpolation) {
  require<ShapeError>(source.height > 0 && source.width > 0 && height > 0 && width > 0,
                      "resize: {}x{} pixels to {}x{}; every side must be at least 1", source.height,
                      source.width, height, width);
  if (source.width == width) {
    return source.height == height ? copy_of(source) : resize_vertically(source, height, interpolation);
  }
  Image narrowed = resize_horizontally(source, width, interpolation);
  if (source.height == height) return narrowed;
  return resize_vertically(view_of(narrowed), height, interpolation);
}

Image resize_shorter_side(const ImageView& source, int shorter_side, Interpolation interpolation) {
  const int shorter = std::min(source.height, source.width), longer = std::max(source.height, source.width);
  require<ShapeError>(shorter > 0 && shorter_side > 0, "resize: {}x{} pixels to a shorter side of {}",
                      source.height, source.width, shorter_side);
  const int longer_side = static_cast<int>(static_cast<double>(shorter_side) * longer / shorter);
  return source.height <= source.width ? resize(source, shorter_side, longer_side, interpolation)
                                       : resize(source, longer_side, shorter_side, interpolation);
}

}  // namespace tern
