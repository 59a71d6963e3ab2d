#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tern/data/color_jitter.h"
#include "tern/data/pixel_operations.h"
#include "tern/data/transforms.h"
#include "tern/data/trivial_augment.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

Random stream(std::uint32_t index) {
  return Random(7, RandomPurpose::test, 0, index);
}

Image pattern() {
  Image image{8, 8, {}};
  for (int i = 0; i < 192; ++i) image.pixels.push_back(static_cast<std::uint8_t>(53 * i % 201 + 20));
  return image;
}

Image jittered(const ColorJitter& jitter, const Image& image, std::uint32_t index) {
  Image result = image;
  Random random = stream(index);
  color_jitter(jitter, result, random);
  return result;
}

TEST_CASE("color_jitter: factors are uniform in their range") {
  const Image grey{1, 1, {100, 100, 100}};
  constexpr int kImages = 2000;
  int lowest = 255, highest = 0, below = 0;
  for (std::uint32_t i = 0; i < kImages; ++i) {
    const int value = jittered({.brightness = 0.5F}, grey, i).pixels[0];
    lowest = std::min(lowest, value), highest = std::max(highest, value);
    below += value < 75 ? 1 : 0;
  }
  CHECK((lowest >= 50 && lowest <= 51));
  CHECK((highest >= 148 && highest <= 150));
  CHECK(std::abs(below - kImages / 4) < 5 * 20);  // binomial, standard deviation 19.4
}

TEST_CASE("color_jitter: a range above 1 gives no negative factor, and 0 changes nothing") {
  const Image grey{1, 1, {100, 100, 100}};
  int lowest = 255;
  for (std::uint32_t i = 0; i < 500; ++i) {
    lowest = std::min(lowest, int{jittered({.brightness = 3.0F}, grey, i).pixels[0]});
    CHECK(jittered({}, pattern(), i).pixels == pattern().pixels);
  }
  CHECK(lowest < 5);
}

TEST_CASE("color_jitter: the order of the adjustments is drawn") {
  // Brightness is cut off at 255: before the contrast it gives other values than after it.
  const ColorJitter jitter{.brightness = 0.9F, .contrast = 0.9F, .saturation = 0.9F, .hue = 0.5F};
  CHECK(jittered(jitter, pattern(), 3).pixels == jittered(jitter, pattern(), 3).pixels);
  int brightness_first = 0;
  for (std::uint32_t i = 0; i < 400; ++i) {
    // With two adjustments the first factor drawn is that of the one which comes first.
    const Image both = jittered({.brightness = 0.9F, .contrast = 0.9F}, pattern(), i);
    Random random = stream(i);
    for (const std::uint32_t bound : {4U, 3U, 2U}) random.below(bound);
    const float first = random.uniform(0.1F, 1.9F), second = random.uniform(0.1F, 1.9F);
    Image expected = pattern(), other = pattern();
    adjust_brightness(expected, first), adjust_contrast(expected, second);
    adjust_contrast(other, first), adjust_brightness(other, second);
    REQUIRE((both.pixels == expected.pixels || both.pixels == other.pixels));
    brightness_first += both.pixels == expected.pixels ? 1 : 0;
  }
  CHECK(std::abs(brightness_first - 200) < 50);  // binomial, standard deviation 10
}

/// What an operation of trivial_augment with a strength of 0 to 30 and a sign makes of the pattern.
std::vector<std::uint8_t> augmented(std::uint32_t index, std::uint32_t& operation, std::uint32_t& strength,
                                    bool& negative) {
  Random random = stream(index), drawn = stream(index);
  operation = drawn.below(14), strength = drawn.below(31), negative = drawn.below(2) == 1;
  Image image = pattern();
  trivial_augment(image, random);
  return image.pixels;
}

template <class Change>
std::vector<std::uint8_t> changed(const Change& change) {
  Image image = pattern();
  change(image);
  return image.pixels;
}

TEST_CASE("trivial_augment: operation, strength and sign are drawn, and do what torchvision's do") {
  std::map<std::uint32_t, std::set<std::string>> results;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    std::uint32_t operation = 0, strength = 0;
    bool negative = false;
    const std::vector<std::uint8_t> pixels = augmented(i, operation, strength, negative);
    results[operation].emplace(pixels.begin(), pixels.end());
    INFO(operation << " strength " << strength << " negative " << negative);
    const float share = static_cast<float>(strength) / 30, sign = negative ? -1.0F : 1.0F;
    // torch.linspace(0.0, 0.99, 31), (0.0, 32.0, 31), (255.0, 0.0, 31) and
    // 8 - (torch.arange(31) / ((31 - 1) / 6)).round()
    if (operation == 0) CHECK(pixels == pattern().pixels);
    if (operation == 3) {
      const float shift = sign * std::floor(32 * share);
      CHECK(pixels == changed([&](Image& image) { transform_affine(image, {.x0 = shift}); }));
    }
    if (operation == 6) {
      CHECK(pixels == changed([&](Image& image) { adjust_brightness(image, 1 + sign * 0.99F * share); }));
    }
    if (operation == 10 && strength == 30)
      CHECK(pixels == changed([](Image& image) { posterize(image, 2); }));
    if (operation == 10 && strength == 10)
      CHECK(pixels == changed([](Image& image) { posterize(image, 6); }));
    if (operation == 11 && strength == 30) CHECK(pixels == changed([](Image& image) { solarize(image, 0); }));
    if (operation == 11 && strength == 15) {
      CHECK(pixels == changed([](Image& image) { solarize(image, 128); }));  // from 127.5 on
    }
    if (operation == 12) CHECK(pixels == changed(autocontrast));
    if (operation == 13) CHECK(pixels == changed(equalize));
    if (operation == 5 && strength == 20 && !negative) {
      CHECK(pixels == changed([](Image& image) {
              transform_affine(image, {.xx = 0, .xy = -1, .x0 = 8, .yx = 1, .yy = 0, .y0 = 0});
            }));  // 90 degrees
    }
  }
  CHECK(results.size() == 14);
  for (const std::uint32_t operation : {1, 2, 4, 7, 8, 9}) CHECK(results[operation].size() > 10);
}

TEST_CASE("transforms: colours change in training alone, between the crop and the normalisation") {
  TransformConfig config;
  config.size = {8, 8};
  config.std = {1.0F / 255, 1.0F / 255, 1.0F / 255};
  config.flip = Flip::alternating;
  config.trivial_augment = true;
  config.color_jitter.brightness = 0.5F;
  const Image image = pattern();
  std::vector<float> trained(192), evaluated(192);
  for (std::uint32_t index = 0; index < 20; ++index) {
    const AugmentationKey key{1, 0, index};
    Transform(config, true).apply(image, key, trained.data());
    Transform(config, false).apply(image, key, evaluated.data());
    Image expected = image;
    if (Random(1, RandomPurpose::flip, 0, index).below(2) == 1) {
      transform_affine(expected, {.xx = -1, .x0 = 8});
    }
    Random random(1, RandomPurpose::augment, 0, index);
    color_jitter(config.color_jitter, expected, random);
    trivial_augment(expected, random);
    int differ = 0;
    for (std::size_t i = 0; i < 192; ++i) {
      differ += std::lround(trained[i]) == expected.pixels[i] ? 0 : 1;
      differ += std::lround(evaluated[i]) == image.pixels[i] ? 0 : 1;
    }
    CHECK(differ == 0);
  }
}

}  // namespace
}  // namespace tern
