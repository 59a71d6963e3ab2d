#include "tern/data/image_view.h"

#include <cassert>

#include "tern/core/error.h"

namespace tern {
namespace {

constexpr int kPixelBytes = 3;

}  // namespace

ImageView view_of(const Image& image) {
  return {image.pixels.data(), image.height, image.width, std::ptrdiff_t{kPixelBytes} * image.width};
}

ImageView crop_of(const ImageView& view, int top, int left, int height, int width) {
  assert(top >= 0 && left >= 0 && top + height <= view.height && left + width <= view.width);
  return {view.pixels + top * view.row_bytes + std::ptrdiff_t{kPixelBytes} * left, height, width,
          view.row_bytes};
}

PartialView all_of(const ImageView& view) {
  return {view, 0, 0, {view.height, view.width}};
}

PartialView view_of(const ImagePart& part) {
  return {view_of(part.image), part.top, part.left, shrunk(part.whole, part.shrink)};
}

ImageView crop_of(const PartialView& view, const Rectangle& r) {
  const int top = r.top - view.top, left = r.left - view.left;
  require<ShapeError>(
      top >= 0 && left >= 0 && top + r.height <= view.view.height && left + r.width <= view.view.width,
      "image: {}x{} pixels at row {}, column {} are needed, there are {}x{} at row {}, column {}", r.height,
      r.width, r.top, r.left, view.view.height, view.view.width, view.top, view.left);
  return crop_of(view.view, top, left, r.height, r.width);
}

}  // namespace tern
