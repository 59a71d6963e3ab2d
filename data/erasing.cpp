#include "tern/data/erasing.h"

#include <algorithm>
#include <cstddef>

#include "tern/data/random_rectangle.h"

namespace tern {

Rectangle draw_cutout(ImageExtents image, int side, Random& random) {
  return rectangle_around_pixel(image, {side, side}, random);
}

Rectangle draw_erasing(ImageExtents image, float probability, Random& random) {
  if (random.uniform() >= probability) return {};
  return random_rectangle(image.height, image.width, {0.02F, 0.33F}, {0.3F, 3.3F}, random)
      .value_or(Rectangle{});
}

void erase(const NormalisedImage& image, const Rectangle& part) {
  for (int y = part.top; y < part.top + part.height; ++y) {
    float* row =
        image.pixels + (static_cast<std::ptrdiff_t>(y) * image.size.width + part.left) * image.channels;
    std::fill_n(row, static_cast<std::ptrdiff_t>(part.width) * image.channels, 0.0F);
  }
}

}  // namespace tern
