#include "tern/data/erasing.h"

#include <algorithm>
#include <cstddef>

#include "tern/data/random_rectangle.h"

namespace tern {
namespace {

void erase(const NormalisedImage& image, const Rectangle& r) {
  for (int y = r.top; y < r.top + r.height; ++y) {
    float* row = image.pixels + (static_cast<std::ptrdiff_t>(y) * image.size.width + r.left) * image.channels;
    std::fill_n(row, static_cast<std::ptrdiff_t>(r.width) * image.channels, 0.0F);
  }
}

}  // namespace

void cutout(const NormalisedImage& image, int side, Random& random) {
  erase(image, rectangle_around_pixel(image.size, {side, side}, random));
}

void random_erasing(const NormalisedImage& image, float probability, Random& random) {
  if (random.uniform() >= probability) return;
  const auto rectangle =
      random_rectangle(image.size.height, image.size.width, {0.02F, 0.33F}, {0.3F, 3.3F}, random);
  if (rectangle) erase(image, *rectangle);
}

}  // namespace tern
