// A decoded image: 8-bit RGB, rows top to bottom, channels last (HWC).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace tern {

struct ImageExtents {
  int height = 0;
  int width = 0;

  friend bool operator==(const ImageExtents&, const ImageExtents&) = default;
};

struct Rectangle {
  int top = 0;
  int left = 0;
  int height = 0;
  int width = 0;
};

struct Image {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;  // height * width * 3
};

/// A rectangle of an image that is decoded at 1 / shrink of its height and width (1, 2, 4 or 8), rounded up;
/// in pixels of that size.
struct ImageRegion {
  Rectangle rectangle;
  int shrink = 1;
};

/// What was decoded of an image of whole.height x whole.width pixels: a rectangle whose first pixel is
/// (top, left) of the image at 1 / shrink of that size.
struct ImagePart {
  Image image;
  int top = 0;
  int left = 0;
  ImageExtents whole;
  int shrink = 1;
};

/// Says what is wanted of an image of which no more than the extents are known yet.
using ChooseRegion = std::function<ImageRegion(ImageExtents)>;

constexpr ImageExtents shrunk(ImageExtents extents, int shrink) {
  return {(extents.height + shrink - 1) / shrink, (extents.width + shrink - 1) / shrink};
}

}  // namespace tern
