#include "tern/data/trivial_augment.h"

#include <cmath>

#include "tern/data/pixel_operations.h"

namespace tern {
namespace {

/// About the middle of the image.
AffineMap rotation(const Image& image, float degrees) {
  const float radians = degrees * 3.14159265F / 180, cosine = std::cos(radians), sine = std::sin(radians);
  const float x = static_cast<float>(image.width) / 2, y = static_cast<float>(image.height) / 2;
  return {cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y};
}

}  // namespace

void trivial_augment(Image& image, Random& random) {
  constexpr std::uint32_t kOperations = 14, kStrengths = 31;
  const std::uint32_t operation = random.below(kOperations);
  const float strength = static_cast<float>(random.below(kStrengths)) / (kStrengths - 1);  // 0 to 1
  const float sign = random.below(2) == 1 ? -1.0F : 1.0F;
  const float shear = sign * 0.99F * strength, shift = sign * std::trunc(32 * strength);
  const float factor = 1 + sign * 0.99F * strength;
  switch (operation) {
    case 1:
      return transform_affine(image, {.xy = shear});
    case 2:
      return transform_affine(image, {.yx = shear});
    case 3:
      return transform_affine(image, {.x0 = shift});
    case 4:
      return transform_affine(image, {.y0 = shift});
    case 5:
      return transform_affine(image, rotation(image, sign * 135 * strength));
    case 6:
      return adjust_brightness(image, factor);
    case 7:
      return adjust_saturation(image, factor);
    case 8:
      return adjust_contrast(image, factor);
    case 9:
      return adjust_sharpness(image, factor);
    case 10:
      return posterize(image, 8 - static_cast<int>(std::nearbyint(6 * strength)));
    case 11:
      return solarize(image, static_cast<int>(std::ceil(255 * (1 - strength))));
    case 12:
      return autocontrast(image);
    case 13:
      return equalize(image);
    default:
      return;
  }
}

}  // namespace tern
