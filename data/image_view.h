// Pixels that are owned elsewhere: a whole image, or a rectangle of one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tern/data/image.h"

namespace tern {

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

/// What is known of an image of whole.height x whole.width pixels: those of `view`, whose first one is pixel
/// (top, left) of the whole. The view may reach beyond it, where its pixels are not looked at.
struct PartialView {
  ImageView view;
  int top = 0;
  int left = 0;
  ImageExtents whole;
};

PartialView all_of(const ImageView& view);
/// Of a part that is not shrunk, or of the image that the shrunk part is one of.
PartialView view_of(const ImagePart& part);

/// The rectangle of the whole. Throws ShapeError if the view has less.
ImageView crop_of(const PartialView& view, const Rectangle& r);

}  // namespace tern
