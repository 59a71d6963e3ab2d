// Resampling of 8-bit images, compatible with Pillow's Image.resize: antialiased (the filter widens when the
// image shrinks), two passes, fixed-point weights, rounding to 8 bits between the passes.
//
// Models trained on images that Pillow resized lose accuracy with any other resampling, hence the exact
// arithmetic: results equal Pillow's to the bit. The horizontal pass goes first; so it does in Pillow, except
// that Pillow 13 begins vertically where only the height shrinks.
#pragma once

#include <string>

#include "tern/data/image.h"
#include "tern/data/image_view.h"

namespace tern {

/// bilinear: triangle of support 1; bicubic: Keys' kernel with a = -0.5, support 2.
enum class Interpolation { bilinear, bicubic };

/// "bilinear", "bicubic"
std::string to_string(Interpolation interpolation);

/// `source` stretched to height x width. Pixels outside the view are never looked at, so resizing a crop
/// equals cropping first. Throws ShapeError for an empty source or target.
Image resize(const ImageView& source, int height, int width, Interpolation interpolation);

/// The rectangle `wanted` of what the whole of `source`, stretched to `target`, would be. Nothing else is
/// computed; of the source it needs what resize_source() says. Throws ShapeError for an empty source or
/// rectangle, one that is not in the target, or a source whose view has less.
Image resize(const PartialView& source, ImageExtents target, const Rectangle& wanted,
             Interpolation interpolation);

/// The rectangle of a `source` that `wanted` is made of.
Rectangle resize_source(ImageExtents source, ImageExtents target, const Rectangle& wanted,
                        Interpolation interpolation);

/// The extents whose shorter side is `shorter_side` and whose aspect ratio is the source's, as of
/// torchvision's Resize(int): the longer side is rounded down. Throws ShapeError for an empty source or
/// target.
ImageExtents with_shorter_side(ImageExtents source, int shorter_side);

Image resize_shorter_side(const ImageView& source, int shorter_side, Interpolation interpolation);

}  // namespace tern
