#include "tern/data/pixel_operations.h"

#include <algorithm>
#include <cmath>

#include "tests/support/catch.h"

namespace tern {
namespace {

Image pattern() {
  Image image{4, 5, {}};
  for (int i = 0; i < 20; ++i) {
    image.pixels.insert(image.pixels.end(), {static_cast<std::uint8_t>((37 * i + 11) % 256),
                                             static_cast<std::uint8_t>((91 * i * i + 5 * i + 60) % 200 + 20),
                                             static_cast<std::uint8_t>((53 * i + 140 * (i % 3)) % 256)});
  }
  return image;
}

Image large_pattern() {
  Image image{32, 32, {}};
  for (std::int64_t i = 0; i < 1024; ++i) {
    image.pixels.insert(image.pixels.end(),
                        {static_cast<std::uint8_t>(i * i / 7 % 180), static_cast<std::uint8_t>(i / 3 % 256),
                         static_cast<std::uint8_t>(i * i * i / 999 % 90 + 30)});
  }
  return image;
}

/// A sum that every value and every place changes.
template <class Change>
std::int64_t checksum(Image image, const Change& change) {
  change(image);
  std::int64_t sum = 0, place = 0;
  for (const std::uint8_t value : image.pixels) sum += ++place * value;
  return sum;
}

// The sums below are those of Pillow 12's ImageEnhance, ImageOps and Image.transform(size, AFFINE, map,
// NEAREST) for the same images.

TEST_CASE("pixel_operations: brightness, contrast, saturation and sharpness are Pillow's, to the bit") {
  const auto sum = [](void (*adjust)(Image&, float), float factor) {
    return checksum(pattern(), [=](Image& image) { adjust(image, factor); });
  };
  CHECK(sum(adjust_brightness, 0.4F) == 88960);
  CHECK(sum(adjust_brightness, 1.7F) == 325360);
  CHECK(sum(adjust_contrast, 0.4F) == 214165);
  CHECK(sum(adjust_contrast, 1.7F) == 230768);
  CHECK(sum(adjust_saturation, 0.4F) == 208606);
  CHECK(sum(adjust_saturation, 1.7F) == 235334);
  CHECK(sum(adjust_sharpness, 0.4F) == 222320);
  CHECK(sum(adjust_sharpness, 1.7F) == 223680);
  for (auto* adjust : {adjust_brightness, adjust_contrast, adjust_saturation, adjust_sharpness}) {
    CHECK(sum(adjust, 1.0F) == 224336);  // as it was
  }
}

TEST_CASE("pixel_operations: posterize, solarize, autocontrast and equalize are Pillow's, to the bit") {
  CHECK(checksum(pattern(), [](Image& image) { posterize(image, 3); }) == 188128);
  CHECK(checksum(pattern(), [](Image& image) { posterize(image, 8); }) == 224336);
  CHECK(checksum(pattern(), [](Image& image) { solarize(image, 100); }) == 125506);
  CHECK(checksum(pattern(), [](Image& image) { solarize(image, 256); }) == 224336);
  CHECK(checksum(pattern(), autocontrast) == 234309);
  CHECK(checksum(large_pattern(), equalize) == 715892601);
}

TEST_CASE("pixel_operations: an image of one colour has no contrast to stretch") {
  const Image grey{6, 7, std::vector<std::uint8_t>(6 * 7 * 3, 90)};
  Image image = grey;
  autocontrast(image);
  equalize(image);
  CHECK(image.pixels == grey.pixels);
}

TEST_CASE("pixel_operations: affine maps take the pixels that Pillow takes") {
  const auto sum = [](const AffineMap& map) {
    return checksum(pattern(), [&](Image& image) { transform_affine(image, map); });
  };
  CHECK(sum({}) == 224336);
  CHECK(sum({.xy = 0.7F}) == 150542);
  CHECK(sum({.yx = -0.55F}) == 190209);
  CHECK(sum({.x0 = 2, .y0 = -1}) == 128078);
  const float c = std::cos(0.9F), s = std::sin(0.9F);
  CHECK(sum({c, -s, 2.5F - c * 2.5F + s * 2, s, c, 2 - s * 2.5F - c * 2}) == 202763);
}

TEST_CASE("pixel_operations: a third of the circle of colours makes red green, green blue and blue red") {
  Image image = pattern();
  adjust_hue(image, 1.0F / 3);
  const Image before = pattern();
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(std::abs(image.pixels[i + (c + 1) % 3] - before.pixels[i + c]) <= 1);
    }
  }
}

TEST_CASE("pixel_operations: turning the hue leaves the largest and the smallest channel as they are") {
  for (const float turns : {-0.5F, -0.2F, 0.0F, 0.05F, 0.4F}) {
    Image image = pattern();
    adjust_hue(image, turns);
    const Image before = pattern();
    if (turns == 0) CHECK(image.pixels == before.pixels);
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
      const auto [low, high] = std::minmax_element(&image.pixels[i], &image.pixels[i] + 3);
      const auto [old_low, old_high] = std::minmax_element(&before.pixels[i], &before.pixels[i] + 3);
      CHECK(std::abs(*low - *old_low) <= 1);
      CHECK(std::abs(*high - *old_high) <= 1);
    }
  }
  Image orange{1, 1, {255, 128, 0}};
  adjust_hue(orange, 1.0F / 6);  // orange, at 30 degrees, becomes the yellow green at 90
  CHECK(orange.pixels == std::vector<std::uint8_t>{127, 255, 0});
}

}  // namespace
}  // namespace tern
