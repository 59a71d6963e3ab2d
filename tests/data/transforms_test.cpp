#include "tern/data/transforms.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "tern/core/error.h"
#include "tern/data/luminance.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;

/// Pixel (y, x) is (y + 1, x + 1, 255), so that a result tells where each of its pixels came from.
Image coordinate_image(int height, int width) {
  Image image{height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.insert(image.pixels.end(),
                          {static_cast<std::uint8_t>(y + 1), static_cast<std::uint8_t>(x + 1), 255});
    }
  }
  return image;
}

/// Leaves pixel values as they are: x / 255 divided by 1 / 255.
TransformConfig unscaled(ImageExtents size, Crop crop) {
  TransformConfig config;
  config.size = size;
  config.crop = crop;
  config.std = {1.0F / 255, 1.0F / 255, 1.0F / 255};
  return config;
}

std::vector<float> apply(const TransformConfig& config, bool training, const Image& image,
                         std::uint32_t stream = 0) {
  std::vector<float> out(3 * static_cast<std::size_t>(config.size.height * config.size.width), -1.0F);
  Transform(config, training).apply(image, {5, 0, stream}, out.data());
  return out;
}

/// What coordinate_image has at (y, x): zeros outside.
std::vector<int> expected_pixel(const Image& image, int y, int x) {
  if (y < 0 || y >= image.height || x < 0 || x >= image.width) return {0, 0, 0};
  return {y + 1, x + 1, 255};
}

void check_window(const std::vector<float>& out, ImageExtents size, const Image& image, int top, int left,
                  bool mirror) {
  bool equal = true;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const std::vector<int> expected =
          expected_pixel(image, top + y, left + (mirror ? size.width - 1 - x : x));
      for (int c = 0; c < 3; ++c) equal &= std::lround(out[(y * size.width + x) * 3 + c]) == expected[c];
    }
  }
  INFO("top " << top << " left " << left << " mirror " << mirror);
  CHECK(equal);
}

TEST_CASE("transforms: pixels are divided by 255, then normalised per channel") {
  TransformConfig config;
  config.size = {1, 1};
  config.mean = {0.5F, 0.25F, 0.0F};
  config.std = {0.5F, 2.0F, 1.0F};
  const std::vector<float> out = apply(config, false, Image{1, 1, {0, 255, 51}});
  CHECK(out[0] == -1.0F);
  CHECK(out[1] == 0.375F);
  CHECK(out[2] == 51.0F / 255.0F);
}

TEST_CASE("transforms: one channel is the luminance as Pillow's convert(\"L\") rounds it") {
  const std::vector<std::pair<std::vector<std::uint8_t>, int>> cases = {
      {{255, 0, 0}, 76}, {{0, 255, 0}, 150}, {{0, 0, 255}, 29}, {{12, 34, 56}, 30}, {{200, 100, 50}, 124}};
  for (const auto& [rgb, expected] : cases) CHECK(luminance(rgb.data()) == expected);
  TransformConfig config;
  config.size = {1, 1};
  config.channels = 1;
  config.mean[0] = 0.5F;
  config.std[0] = 0.25F;
  std::vector<float> out = {-9, -9};
  Transform(config, false).apply(Image{1, 1, {200, 100, 50}}, {}, out.data());
  CHECK(out == std::vector<float>{(124.0F / 255.0F - 0.5F) / 0.25F, -9});
}

TEST_CASE("transforms: the luminance of grey is exact") {
  for (int value = 0; value < 256; ++value) {
    const std::vector<std::uint8_t> grey(3, static_cast<std::uint8_t>(value));
    CHECK(luminance(grey.data()) == value);
  }
}

TEST_CASE("transforms: one channel is cropped and mirrored as three are") {
  Image image{3, 4, {}};
  for (int pixel = 1; pixel <= 12; ++pixel) image.pixels.insert(image.pixels.end(), 3, pixel);
  TransformConfig colour = unscaled({4, 4}, Crop::random);
  colour.padding = 2;
  colour.flip = Flip::random;
  TransformConfig grey = colour;
  grey.channels = 1;
  int mirrored = 0;
  for (std::uint32_t stream = 0; stream < 20; ++stream) {
    const std::vector<float> expected = apply(colour, true, image, stream),
                             got = apply(grey, true, image, stream);
    for (std::size_t i = 0; i < 16; ++i) CHECK(got[i] == expected[3 * i]);
    CHECK(got[16] == -1.0F);  // nothing is written behind the one channel
    mirrored += std::lround(got[0]) > std::lround(got[1]) ? 1 : 0;
  }
  CHECK(mirrored > 0);
}

TEST_CASE("transforms: the centre crop rounds half an offset to even") {
  // Offsets torchvision computes: round((h - 4) / 2.0).
  for (const auto& [extent, offset] : {std::pair{4, 0}, {5, 0}, {6, 1}, {7, 2}, {9, 2}, {11, 4}}) {
    const Image image = coordinate_image(extent, 6);
    check_window(apply(unscaled({4, 4}, Crop::center), false, image), {4, 4}, image, offset, 1, false);
  }
}

TEST_CASE("transforms: the centre crop puts zeros around a smaller image") {
  const Image image = coordinate_image(3, 8);  // 2 rows short: above (5 - 3) / 2 = 1; 1 column on each side
  check_window(apply(unscaled({5, 5}, Crop::center), false, image), {5, 5}, image, -1, 2, false);
  const Image even = coordinate_image(2, 5);  // 3 rows short: 1 above, 2 below
  check_window(apply(unscaled({5, 5}, Crop::center), false, even), {5, 5}, even, -1, 0, false);
}

TEST_CASE("transforms: random crop and flip reach every window of the padded image") {
  TransformConfig config = unscaled({4, 4}, Crop::random);
  config.padding = 1;
  config.flip = Flip::random;
  const Image image = coordinate_image(4, 5);  // windows: top -1..1, left -1..2, both mirrorings
  std::set<std::vector<float>> seen;
  for (std::uint32_t stream = 0; stream < 400; ++stream) seen.insert(apply(config, true, image, stream));
  CHECK(seen.size() == 3 * 4 * 2);
  for (int top = -1; top <= 1; ++top) {
    for (int left = -1; left <= 2; ++left) {
      for (const bool mirror : {false, true}) {
        const auto matches = [&](const std::vector<float>& out) {
          bool equal = true;
          for (int i = 0; i < 16; ++i) {
            const int column = left + (mirror ? 3 - i % 4 : i % 4);
            const std::vector<int> expected = expected_pixel(image, top + i / 4, column);
            for (int c = 0; c < 3; ++c) equal &= std::lround(out[i * 3 + c]) == expected[c];
          }
          return equal;
        };
        INFO("top " << top << " left " << left << " mirror " << mirror);
        CHECK(std::count_if(seen.begin(), seen.end(), matches) == 1);
      }
    }
  }
}

TEST_CASE("transforms: the centre crop of other shapes than squares is torchvision's CenterCrop((h, w))") {
  const Image image = coordinate_image(20, 30);  // round(7.0) and round(9.5), half to even
  check_window(apply(unscaled({6, 11}, Crop::center), false, image), {6, 11}, image, 7, 10, false);
  const Image flat = coordinate_image(4, 30);  // 3 rows short: 1 above, 2 below
  check_window(apply(unscaled({7, 10}, Crop::center), false, flat), {7, 10}, flat, -1, 10, false);
  TransformConfig config = unscaled({8, 10}, Crop::center);
  config.resize = 8;
  const Image resized = resize_shorter_side(view_of(image), 8, Interpolation::bicubic);  // 8 x 12
  REQUIRE(resized.width == 12);
  const std::vector<float> out = apply(config, false, image);
  for (int i = 0; i < 240; ++i) {
    CHECK(std::lround(out[i]) == resized.pixels[3 * (12 * (i / 30) + 1) + i % 30]);
  }
}

TEST_CASE("transforms: random crops of other shapes than squares reach every window") {
  TransformConfig config = unscaled({3, 5}, Crop::random);
  config.padding = 1;
  config.flip = Flip::random;
  const Image image = coordinate_image(4, 5);  // windows: top -1..2, left -1..1, both mirrorings
  std::set<std::vector<float>> seen;
  for (std::uint32_t stream = 0; stream < 400; ++stream) seen.insert(apply(config, true, image, stream));
  CHECK(seen.size() == 4 * 3 * 2);
  for (const std::vector<float>& out : seen) {
    for (int i = 0; i < 15; ++i) {
      if (i % 5 == 4) continue;  // neighbours in a row are neighbours in the image
      const auto column = std::lround(out[3 * i + 1]), next = std::lround(out[3 * (i + 1) + 1]);
      if (column > 0 && next > 0) CHECK(std::abs(column - next) == 1);
    }
  }
}

TEST_CASE("transforms: random_resized stretches its rectangle to any shape") {
  TransformConfig config = unscaled({6, 10}, Crop::random_resized);
  config.resize = 10;
  config.scale = {1.0F, 1.0F};
  config.ratio = {1.0F, 1.0F};  // of a square image there is one such rectangle
  const Image image = coordinate_image(30, 30);
  const Image expected = resize(view_of(image), 6, 10, Interpolation::bicubic);
  const std::vector<float> out = apply(config, true, image);
  for (std::size_t i = 0; i < 180; ++i) REQUIRE(std::lround(out[i]) == expected.pixels[i]);
}

TEST_CASE("transforms: cutout hides a square anywhere in images of any shape") {
  TransformConfig config = unscaled({3, 8}, Crop::none);
  config.cutout = 2;
  const Image white{3, 8, std::vector<std::uint8_t>(72, 255)};
  std::set<std::pair<int, int>> hidden;
  for (std::uint32_t stream = 0; stream < 200; ++stream) {
    const std::vector<float> out = apply(config, true, white, stream);
    int count = 0;
    for (int i = 0; i < 24; ++i) {
      if (out[3 * i] != 0) continue;
      ++count;
      hidden.emplace(i / 8, i % 8);
    }
    CHECK((count == 4 || count == 2 || count == 1));  // whole, cut off at a border, at a corner
  }
  CHECK(hidden.size() == 24);
}

TEST_CASE("transforms: images that have not the shape of the network's input are refused by extents") {
  TransformConfig config = unscaled({16, 24}, Crop::none);
  CHECK_NOTHROW(Transform(config, true).check({16, 24}));
  CHECK_THROWS_WITH(Transform(config, true).check({24, 16}), Contains("24x16") && Contains("not 16x24"));
  config.resize = 16;
  CHECK_NOTHROW(Transform(config, true).check({32, 48}));
  CHECK_THROWS_WITH(Transform(config, true).check({32, 64}), Contains("resized 16x32, not 16x24"));
  config.crop = Crop::random;
  CHECK_NOTHROW(Transform(config, true).check({32, 64}));
  CHECK_THROWS_WITH(Transform(config, true).check({40, 40}),
                    Contains("resized 16x16, less than the crop of 16x24") && Contains("resize >= 24"));
  CHECK_NOTHROW(Transform(config, false).check({40, 40}));  // black beside it, as torchvision has it
}

TEST_CASE("transforms: the stream determines the result") {
  TransformConfig config = unscaled({8, 8}, Crop::random_resized);
  config.resize = 8;
  config.flip = Flip::random;
  const Image image = coordinate_image(40, 30);
  CHECK(apply(config, true, image, 3) == apply(config, true, image, 3));
  CHECK(apply(config, true, image, 3) != apply(config, true, image, 4));
}

TEST_CASE("transforms: evaluation takes the centre and mirrors nothing, or all where that is asked for") {
  TransformConfig config = unscaled({4, 4}, Crop::random);
  config.padding = 2;
  const Image image = coordinate_image(6, 6);
  for (const Flip flip : {Flip::none, Flip::always, Flip::random, Flip::alternating}) {
    config.flip = flip;
    for (std::uint32_t stream = 0; stream < 20; ++stream) {
      check_window(apply(config, false, image, stream), {4, 4}, image, 1, 1, flip == Flip::always);
    }
  }
  config.flip = Flip::random;
  config.padding = 0;
  config.crop = Crop::random_resized;
  config.resize = 6;
  check_window(apply(config, false, image), {4, 4}, image, 1, 1, false);
}

TEST_CASE("transforms: the shorter side is resized before the crop") {
  TransformConfig config = unscaled({6, 6}, Crop::center);
  config.resize = 8;
  const Image image = coordinate_image(20, 30);
  const Image resized = resize_shorter_side(view_of(image), 8, Interpolation::bicubic);  // 8 x 12
  const std::vector<float> out = apply(config, false, image);
  for (int c = 0; c < 3; ++c) CHECK(std::lround(out[c]) == resized.pixels[(1 * 12 + 3) * 3 + c]);
}

TEST_CASE("transforms: random_resized covers the configured share of the area and ratio") {
  TransformConfig config = unscaled({1, 1}, Crop::random_resized);  // bilinear to 1x1 averages the rectangle
  config.resize = 1;
  config.interpolation = Interpolation::bilinear;
  config.scale = {0.04F, 0.04F};
  config.ratio = {1.0F, 1.0F};  // 20 x 20 of 100 x 100: its centre is 9.5 or more from each border
  const Image image = coordinate_image(100, 100);
  float lowest = 1e9F, highest = 0.0F;
  for (std::uint32_t stream = 0; stream < 1000; ++stream) {
    const float row = apply(config, true, image, stream)[0] - 1.0F;
    lowest = std::min(lowest, row);
    highest = std::max(highest, row);
  }
  CHECK(lowest == Approx(9.5).margin(0.6));
  CHECK(highest == Approx(89.5).margin(0.6));
}

TEST_CASE("transforms: random_resized falls back to the middle where no rectangle fits") {
  TransformConfig config = unscaled({10, 10}, Crop::random_resized);
  config.resize = 10;
  config.scale = {1.0F, 1.0F};  // the whole area, but no ratio within 3/4 to 4/3 can have it
  const Image image = coordinate_image(10, 60);
  const ImageView middle = crop_of(view_of(image), 0, 23, 10, 13);  // 10 * 4/3 = 13 columns
  const Image expected = resize(middle, 10, 10, Interpolation::bicubic);
  const std::vector<float> out = apply(config, true, image);
  bool equal = true;
  for (std::size_t i = 0; i < out.size(); ++i) equal &= std::lround(out[i]) == expected.pixels[i];
  CHECK(equal);
}

TEST_CASE("transforms: an image too small for the crop is an error that says what to set") {
  const Image image = coordinate_image(20, 40);
  CHECK_THROWS_WITH(apply(unscaled({32, 32}, Crop::random), true, image),
                    Contains("20x40") && Contains("32x32") && Contains("resize >= 32"));
  CHECK_THROWS_WITH(apply(unscaled({32, 32}, Crop::none), true, image),
                    Contains("20x40") && Contains("set a crop"));
}

TEST_CASE("transforms: a strip is refused where its shorter side would be resized, in no time") {
  const Image strip{1, 30000, std::vector<std::uint8_t>(90000)};
  TransformConfig config = unscaled({224, 224}, Crop::center);
  config.resize = 256;
  CHECK_THROWS_WITH(apply(config, false, strip), Contains("1x30000") && Contains("more than 500 times"));
  CHECK_THROWS_AS(Transform(config, false).check({30000, 1}), DataError);
  CHECK_NOTHROW(Transform(config, false).check({60, 30000}));
  config.crop = Crop::random_resized;  // takes a part of the original
  CHECK_NOTHROW(apply(config, true, strip));
}

TEST_CASE("transforms: refuses values out of range") {
  const auto broken = [](auto change) {
    TransformConfig config;
    change(config);
    return config;
  };
  const std::vector<std::pair<TransformConfig, std::string>> cases = {
      {broken([](auto& c) {
         c.size = {32, 0};
       }),
       "size is 32x0"},
      {broken([](auto& c) { c.resize = 31; }), "resize is 31"},
      {broken([](auto& c) { c.padding = -1; }), "padding is -1"},
      {broken([](auto& c) { c.padding = 4; }), "only the random crop pads"},
      {broken([](auto& c) { c.crop = Crop::random_resized; }), "needs resize"},
      {broken([](auto& c) { c.std[1] = 0.0F; }), "std[1] is 0"},
      {broken([](auto& c) {
         c.scale = {0.5F, 0.4F};
       }),
       "scale is 0.5 to 0.4"},
      {broken([](auto& c) {
         c.ratio = {0.0F, 1.0F};
       }),
       "ratio is 0 to 1"},
      {broken([](auto& c) { c.color_jitter.contrast = -1.0F; }), "contrast is -1"},
      {broken([](auto& c) { c.color_jitter.hue = 0.6F; }), "hue is 0.6"},
      {broken([](auto& c) { c.cutout = 33; }), "cutout is 33"},
      {broken([](auto& c) { c.erasing = 1.5F; }), "erasing is 1.5"},
  };
  for (const auto& [config, message] : cases) {
    CHECK_THROWS_AS(Transform(config, true), ConfigError);
    CHECK_THROWS_WITH(Transform(config, true), Contains(message));
  }
}

}  // namespace
}  // namespace tern
