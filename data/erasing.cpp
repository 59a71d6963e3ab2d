#include "tern/data/erasing.h"

#include <algorithm>
#include <cstddef>

#include "tern/data/random_rectangle.h"

namespace tern {
namespace {

void erase(const NormalisedImage& image, const Rectangle& r) {
  for (int y = r.top; y < r.top + r.height; ++y) {
    float* row = image.pixels + (static_cast<std::ptrdiff_t>(y) * image.size + r.left) * image.channels;
    std::fill_n(row, static_cast<std::ptrdiff_t>(r.width) * image.channels, 0.0F);
  }
}

}  // namespace

void cutout(const NormalisedImage& image, int side, Random& random) {
  const int y = static_cast<int>(random.below(static_cast<std::uint32_t>(image.size)));
  const int x = static_cast<int>(random.below(static_cast<std::uint32_t>(image.size)));
  const int top = std::max(y - side / 2, 0), left = std::max(x - side / 2, 0);
  const int bottom = std::min(y - side / 2 + side, image.size);
  const int right = std::min(x - side / 2 + side, image.size);
  erase(image, {top, left, bottom - top, right - left});
}

void random_erasing(const NormalisedImage& image, float probability, Random& random) {
  if (random.uniform() >= probability) return;
  const auto rectangle = random_rectangle(image.size, image.size, {0.02F, 0.33F}, {0.3F, 3.3F}, random);
  if (rectangle) erase(image, *rectangle);
}

}  // namespace tern
