// What a Transform does to training images besides the crop.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tern/data/transforms.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

constexpr int kSize = 6;

/// The red of a pixel is 20 times its column: an image tells whether it was mirrored.
Image ramp() {
  Image image{kSize, kSize, {}};
  for (int i = 0; i < kSize * kSize; ++i) {
    image.pixels.insert(image.pixels.end(), {static_cast<std::uint8_t>(20 * (i % kSize)), 128, 128});
  }
  return image;
}

TransformConfig plain() {
  TransformConfig config;
  config.size = {kSize, kSize};
  config.mean = {0.25F, 0.25F, 0.25F};
  return config;
}

std::vector<float> apply(const TransformConfig& config, const AugmentationKey& key, bool training = true) {
  std::vector<float> out(kSize * kSize * 3, -9.0F);
  Transform(config, training).apply(ramp(), key, out.data());
  return out;
}

bool mirrored(const std::vector<float>& pixels) {
  return pixels[0] > pixels[3];
}

TEST_CASE("augmentation: the alternating flip shows every image both ways in any two epochs") {
  TransformConfig config = plain();
  config.flip = Flip::alternating;
  for (std::uint32_t index = 0; index < 200; ++index) {
    const bool first = mirrored(apply(config, {1, 0, index}));
    for (std::uint32_t epoch = 1; epoch < 6; ++epoch) {
      CHECK(mirrored(apply(config, {1, epoch, index})) == (first != (epoch % 2 == 1)));
    }
  }
}

TEST_CASE("augmentation: the alternating flip mirrors half of the images of an epoch, by seed and index") {
  TransformConfig config = plain();
  config.flip = Flip::alternating;
  for (const std::uint64_t seed : {1, 2}) {
    int count = 0, unlike_neighbour = 0, unlike_other_seed = 0;
    for (std::uint32_t index = 0; index < 1000; ++index) {
      const bool here = mirrored(apply(config, {seed, 3, index}));
      count += here ? 1 : 0;
      unlike_neighbour += here != mirrored(apply(config, {seed, 3, index + 1})) ? 1 : 0;
      unlike_other_seed += here != mirrored(apply(config, {seed + 7, 3, index})) ? 1 : 0;
    }
    // Binomial with n = 1000, p = 1/2: standard deviation 16; 5 of them either way.
    CHECK(std::abs(count - 500) < 80);
    CHECK(std::abs(unlike_neighbour - 500) < 80);
    CHECK(std::abs(unlike_other_seed - 500) < 80);
  }
}

TEST_CASE("augmentation: flip and crop draw first, as they always did, so that old runs resume") {
  TransformConfig config = plain();
  config.flip = Flip::random;
  config.crop = Crop::random;
  config.padding = 2;
  config.cutout = 1;
  for (std::uint32_t index = 0; index < 50; ++index) {
    Random random(1, RandomPurpose::augment, 2, index);
    const bool mirror = random.below(2) == 1;
    const int top = static_cast<int>(random.below(5)) - 2, left = static_cast<int>(random.below(5)) - 2;
    const std::vector<float> pixels = apply(config, {1, 2, index});
    int differ = 0;
    for (int y = 0; y < kSize; ++y) {
      for (int x = 0; x < kSize; ++x) {
        const int row = top + y, column = left + (mirror ? kSize - 1 - x : x);
        const bool inside = row >= 0 && row < kSize && column >= 0 && column < kSize;
        const float red = static_cast<float>(inside ? 20 * column : 0) / 255.0F - 0.25F;
        differ += pixels[static_cast<std::size_t>((y * kSize + x) * 3)] == red ? 0 : 1;
      }
    }
    CHECK(differ == 1);  // the pixel cut out
  }
}

TEST_CASE("augmentation: the flip leaves the random numbers of the crop alone") {
  TransformConfig config = plain();
  config.crop = Crop::random;
  config.padding = 2;
  const TransformConfig unflipped = config;
  config.flip = Flip::alternating;
  for (std::uint32_t index = 0; index < 50; ++index) {
    std::vector<float> pixels = apply(config, {1, 2, index});
    const std::vector<float> expected = apply(unflipped, {1, 2, index});
    if (pixels != expected) {
      for (int y = 0; y < kSize; ++y) {
        for (int x = 0; x < kSize / 2; ++x) {
          for (int c = 0; c < 3; ++c) {
            std::swap(pixels[(y * kSize + x) * 3 + c], pixels[(y * kSize + kSize - 1 - x) * 3 + c]);
          }
        }
      }
    }
    CHECK(pixels == expected);
  }
}

TEST_CASE("augmentation: a reflected crop has no black pixel, one padded with zeros has") {
  TransformConfig config = plain();
  config.crop = Crop::random;
  config.padding = 2;
  const float black = -0.25F;
  const auto count_black = [&](std::uint32_t index) {
    const std::vector<float> pixels = apply(config, {1, 0, index});
    int count = 0;
    for (std::size_t i = 1; i < pixels.size(); i += 3) count += pixels[i] == black ? 1 : 0;  // green
    return count;
  };
  int black_ones = 0;
  for (std::uint32_t index = 0; index < 20; ++index) black_ones += count_black(index);
  CHECK(black_ones > 0);
  config.padding_mode = PaddingMode::reflect;
  for (std::uint32_t index = 0; index < 20; ++index) CHECK(count_black(index) == 0);
}

TEST_CASE("augmentation: cutout and erasing put the mean, which is zero, and change nothing else") {
  const std::vector<float> whole = apply(plain(), {});
  for (const bool cuts : {true, false}) {
    TransformConfig config = plain();
    config.cutout = cuts ? 3 : 0;
    config.erasing = cuts ? 0.0F : 1.0F;
    int erased = 0;
    for (std::uint32_t index = 0; index < 20; ++index) {
      const std::vector<float> pixels = apply(config, {1, 0, index});
      for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (pixels[i] == whole[i]) continue;
        CHECK(pixels[i] == 0.0F);
        ++erased;
      }
    }
    CHECK(erased > 0);
  }
}

TEST_CASE("augmentation: none of it in evaluation") {
  TransformConfig config = plain();
  config.flip = Flip::alternating;
  config.cutout = 3;
  config.erasing = 1.0F;
  for (std::uint32_t index = 0; index < 20; ++index) {
    CHECK(apply(config, {1, index % 2, index}, false) == apply(plain(), {}, false));
  }
}

TEST_CASE("augmentation: seed, epoch and index determine it, each of them") {
  TransformConfig config = plain();
  config.cutout = 3;
  config.crop = Crop::random;
  config.padding = 2;
  config.padding_mode = PaddingMode::reflect;
  const std::vector<float> pixels = apply(config, {1, 2, 3});
  CHECK(apply(config, {1, 2, 3}) == pixels);
  CHECK(apply(config, {2, 2, 3}) != pixels);
  CHECK(apply(config, {1, 3, 3}) != pixels);
  CHECK(apply(config, {1, 2, 4}) != pixels);
}

}  // namespace
}  // namespace tern
