// Resampling of 8-bit images, compatible with Pillow's Image.resize: antialiased (the filter widens when the
// image shrinks), two passes, fixed-point weights, rounding to 8 bits between the passes.
//
// Models trained on images that Pillow resized lose accuracy with any other resampling, hence the exact
// arithmetic: results equal Pillow's to the bit. The horizontal pass goes first; so it does in Pillow, except
// that Pillow 13 begins vertically where only the height shrinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tern/data/image.h"

namespace tern {

/// bilinear: triangle of support 1; bicubic: Keys' kernel with a = -0.5, support 2.
enum class Interpolation { bilinear, bicubic };

/// "bilinear", "bicubic"
std::string to_string(Interpolation interpolation);

/// A rectangle of RGB pixels that are owned elsewhere.
struct ImageView {
  const std::uint8_t* pixels = nullptr;  // of the top left corner
  int height = 0;
  int width = 0;
  std::ptrdiff_t row_bytes = 0;  // from one row to the next
};

ImageView view_of(const Image& image);

/// The rectangle of `view` at (top, left). It must lie inside.
ImageView crop_of(const ImageView& view, int top, int left, int height, int width);

/// `source` stretched to height x width. Pixels outside the view are never looked at, so resizing a crop
/// equals cropping first. Throws ShapeError for an empty source or target.
Image resize(const ImageView& source, int height, int width, Interpolation interpolation);

/// Resizes so that the shorter side is `shorter_side` and the aspect ratio stays, as torchvision's
/// Resize(int): the longer side is rounded down.
Image resize_shorter_side(const ImageView& source, int shorter_side, Interpolation interpolation);

}  // namespace tern
