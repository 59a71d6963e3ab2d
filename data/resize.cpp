#include "tern/data/resize.h"

#include <algorithm>
#include <cstring>

#include "tern/core/error.h"
#include "tern/data/axis_weights.h"
#include "tern/data/resample_passes.h"

namespace tern {
namespace {

using resample::AxisWeights;
using resample::kChannels;
using resample::Span;

std::size_t byte_count(int height, int width) {
  return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * kChannels;
}

Image copy_of(const ImageView& view) {
  Image copy{view.height, view.width, std::vector<std::uint8_t>(byte_count(view.height, view.width))};
  const std::size_t row_bytes = byte_count(1, view.width);
  for (int y = 0; y < view.height; ++y) {
    std::memcpy(copy.pixels.data() + static_cast<std::size_t>(y) * row_bytes,
                view.pixels + y * view.row_bytes, row_bytes);
  }
  return copy;
}

/// Of the pixels `wanted`, whose sources begin at pixel `origin` of what is at hand.
AxisWeights weights_from(int origin, int in_size, int out_size, const Span& wanted,
                         Interpolation interpolation) {
  AxisWeights axis = resample::make_axis_weights(in_size, out_size, wanted, interpolation);
  for (resample::Taps& taps : axis.taps) taps.first -= origin;
  return axis;
}

void check_extents(ImageExtents source, ImageExtents target) {
  require<ShapeError>(source.height > 0 && source.width > 0 && target.height > 0 && target.width > 0,
                      "resize: {}x{} pixels to {}x{}; every side must be at least 1", source.height,
                      source.width, target.height, target.width);
}

}  // namespace

std::string to_string(Interpolation interpolation) {
  return interpolation == Interpolation::bicubic ? "bicubic" : "bilinear";
}

Rectangle resize_source(ImageExtents source, ImageExtents target, const Rectangle& wanted,
                        Interpolation interpolation) {
  check_extents(source, target);
  require<ShapeError>(wanted.top >= 0 && wanted.left >= 0 && wanted.height > 0 && wanted.width > 0 &&
                          wanted.top + wanted.height <= target.height &&
                          wanted.left + wanted.width <= target.width,
                      "resize: {}x{} pixels at row {}, column {} are no part of {}x{}", wanted.height,
                      wanted.width, wanted.top, wanted.left, target.height, target.width);
  const Span rows =
      resample::source_of(source.height, target.height, {wanted.top, wanted.height}, interpolation);
  const Span columns =
      resample::source_of(source.width, target.width, {wanted.left, wanted.width}, interpolation);
  return {rows.first, columns.first, rows.count, columns.count};
}

Image resize(const PartialView& source, ImageExtents target, const Rectangle& wanted,
             Interpolation interpolation) {
  const Rectangle needed = resize_source(source.whole, target, wanted, interpolation);
  ImageView view = crop_of(source, needed);
  const bool narrows = source.whole.width != target.width, lowers = source.whole.height != target.height;
  if (!narrows && !lowers) return copy_of(view);
  const auto row_bytes = static_cast<std::ptrdiff_t>(byte_count(1, wanted.width));
  Image narrowed;
  if (narrows) {
    narrowed = {needed.height, wanted.width,
                std::vector<std::uint8_t>(byte_count(needed.height, wanted.width))};
    const AxisWeights columns = weights_from(needed.left, source.whole.width, target.width,
                                             {wanted.left, wanted.width}, interpolation);
    resample::passes().horizontal(view, columns, narrowed.pixels.data(), row_bytes);
    if (!lowers) return narrowed;
    view = view_of(narrowed);
  }
  Image out{wanted.height, wanted.width, std::vector<std::uint8_t>(byte_count(wanted.height, wanted.width))};
  const AxisWeights rows = weights_from(needed.top, source.whole.height, target.height,
                                        {wanted.top, wanted.height}, interpolation);
  resample::passes().vertical(view, rows, out.pixels.data(), row_bytes);
  return out;
}

Image resize(const ImageView& source, int height, int width, Interpolation interpolation) {
  check_extents({source.height, source.width}, {height, width});
  return resize(all_of(source), {height, width}, {0, 0, height, width}, interpolation);
}

ImageExtents with_shorter_side(ImageExtents source, int shorter_side) {
  const int shorter = std::min(source.height, source.width), longer = std::max(source.height, source.width);
  require<ShapeError>(shorter > 0 && shorter_side > 0, "resize: {}x{} pixels to a shorter side of {}",
                      source.height, source.width, shorter_side);
  const int longer_side = static_cast<int>(static_cast<double>(shorter_side) * longer / shorter);
  return source.height <= source.width ? ImageExtents{shorter_side, longer_side}
                                       : ImageExtents{longer_side, shorter_side};
}

Image resize_shorter_side(const ImageView& source, int shorter_side, Interpolation interpolation) {
  const auto [height, width] = with_shorter_side({source.height, source.width}, shorter_side);
  return resize(source, height, width, interpolation);
}

}  // namespace tern
