#include "tern/data/resize.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tern/core/error.h"
#include "tern/data/axis_weights.h"
#include "tern/data/resample_passes.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

namespace tern {
namespace {

/// The source image of tests/fixtures/make_resize.py.
Image synthetic_image(int height, int width) {
  Image image{height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        std::uint32_t scrambled = y * 0x9E3779B1U + x * 0x85EBCA77U + c * 0xC2B2AE3DU;
        scrambled ^= scrambled >> 15;
        scrambled *= 0x2C1B3C6DU;
        const int noise = scrambled >> 16 & 0xFF, gradient = (5 * x + 3 * y + 60 * c) & 0xFF;
        const int value = (x / 8 + y / 8) % 2 != 0 ? 255 * (noise >> 7) : gradient;
        image.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return image;
}

std::vector<std::uint8_t> read_golden(Interpolation kernel, int from_h, int from_w, int to_h, int to_w) {
  const std::string path = fmt::format("{}/resize/{}_{}x{}_to_{}x{}.rgb", test::default_fixtures().string(),
                                       to_string(kernel), from_h, from_w, to_h, to_w);
  const std::string bytes = test::read_bytes(path);
  return {bytes.begin(), bytes.end()};
}

int largest_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  REQUIRE(a.size() == b.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

struct Sizes {
  int from_h, from_w, to_h, to_w;
};

const Sizes kSizes[] = {{37, 53, 16, 23}, {37, 53, 61, 80}, {64, 48, 31, 48}, {48, 64, 48, 19},
                        {17, 33, 40, 9},  {5, 97, 11, 3},   {1, 7, 4, 2},     {3, 1, 1, 5}};

TEST_CASE("resize: equals Pillow to the bit") {
  for (const Interpolation kernel : {Interpolation::bilinear, Interpolation::bicubic}) {
    for (const Sizes& s : kSizes) {
      INFO(to_string(kernel) << " " << s.from_h << "x" << s.from_w << " to " << s.to_h << "x" << s.to_w);
      const Image source = synthetic_image(s.from_h, s.from_w);
      const Image resized = resize(view_of(source), s.to_h, s.to_w, kernel);
      CHECK(resized.height == s.to_h);
      CHECK(resized.width == s.to_w);
      CHECK(largest_difference(resized.pixels, read_golden(kernel, s.from_h, s.from_w, s.to_h, s.to_w)) == 0);
    }
  }
}

TEST_CASE("resize: the same size copies the pixels") {
  const Image source = synthetic_image(9, 14);
  CHECK(resize(view_of(source), 9, 14, Interpolation::bicubic).pixels == source.pixels);
}

TEST_CASE("resize: a crop does not see the pixels around it") {
  const Image source = synthetic_image(40, 50);
  const ImageView crop = crop_of(view_of(source), 7, 11, 20, 30);
  const Image cropped = resize(crop, 20, 30, Interpolation::bicubic);  // a copy
  for (int c = 0; c < 3; ++c) CHECK(cropped.pixels[c] == source.pixels[(7 * 50 + 11) * 3 + c]);
  CHECK(resize(crop, 13, 41, Interpolation::bicubic).pixels ==
        resize(view_of(cropped), 13, 41, Interpolation::bicubic).pixels);
}

/// Of `image`, in a buffer of their own that ends where they end.
PartialView part_of(const Image& image, const Rectangle& r, Image& pixels) {
  pixels = {r.height, r.width, {}};
  for (int y = r.top; y < r.top + r.height; ++y) {
    const auto row = image.pixels.begin() + 3 * (y * image.width + r.left);
    pixels.pixels.insert(pixels.pixels.end(), row, row + 3 * r.width);
  }
  return {view_of(pixels), r.top, r.left, {image.height, image.width}};
}

TEST_CASE("resize: a part of the result is made of the part of the source that it needs") {
  for (const Interpolation kernel : {Interpolation::bilinear, Interpolation::bicubic}) {
    for (const Sizes& s : kSizes) {
      const Image source = synthetic_image(s.from_h, s.from_w);
      const Image whole = resize(view_of(source), s.to_h, s.to_w, kernel);
      for (const Rectangle& wanted : {Rectangle{0, 0, s.to_h, s.to_w},
                                      {s.to_h / 3, s.to_w / 2, (s.to_h + 2) / 3, (s.to_w + 2) / 3},
                                      {s.to_h - 1, s.to_w - 1, 1, 1}}) {
        INFO(to_string(kernel) << " " << s.from_h << "x" << s.from_w << " to " << s.to_h << "x" << s.to_w
                               << ", " << wanted.height << "x" << wanted.width);
        const Rectangle needed = resize_source({s.from_h, s.from_w}, {s.to_h, s.to_w}, wanted, kernel);
        Image pixels, expected;
        const Image part = resize(part_of(source, needed, pixels), {s.to_h, s.to_w}, wanted, kernel);
        part_of(whole, wanted, expected);
        CHECK(part.height == wanted.height);
        CHECK(part.width == wanted.width);
        CHECK(part.pixels == expected.pixels);
      }
    }
  }
}

TEST_CASE("resize: a strip costs no more than the part that is wanted of it") {
  // Whole, the result would have 256 x 16 million pixels, four bytes of weights a row and column.
  const Image strip = synthetic_image(1, 60'000);
  const Image part =
      resize(all_of(view_of(strip)), {256, 256 * 60'000}, {16, 8'000'000, 224, 224}, Interpolation::bicubic);
  CHECK(part.pixels.size() == 224 * 224 * 3);
}

TEST_CASE("resize: pixels that are needed and not there are an error") {
  const Image source = synthetic_image(20, 20);
  const PartialView part = {crop_of(view_of(source), 5, 5, 10, 10), 5, 5, {20, 20}};
  CHECK_NOTHROW(resize(part, {10, 10}, {4, 4, 1, 1}, Interpolation::bicubic));
  CHECK_THROWS_AS(resize(part, {10, 10}, {4, 4, 3, 1}, Interpolation::bicubic), ShapeError);
  CHECK_THROWS_AS(resize(part, {10, 10}, {4, 3, 1, 1}, Interpolation::bicubic), ShapeError);
  CHECK_THROWS_AS(resize(part, {10, 10}, {4, 4, 1, 7}, Interpolation::bicubic), ShapeError);
  CHECK_THROWS_AS(resize(part, {10, 10}, {4, 4, 0, 1}, Interpolation::bicubic), ShapeError);
}

TEST_CASE("resize: every instruction set gives the same bits") {
  const resample::Passes& expected = resample::kPortablePasses;
  for (const resample::Passes* passes : resample::available_passes()) {
    for (int width = 1; width <= 70; width += width < 20 ? 1 : 7) {
      for (const int out : {1, 3, 8, 90}) {
        INFO(passes->name << ": " << width << " to " << out);
        const Image source = synthetic_image(1 + width % 11, width),
                    tall = synthetic_image(width, 1 + width % 23);
        const auto axis = resample::make_axis_weights(width, out, {0, out}, Interpolation::bicubic);
        const auto run = [&](auto pass, const Image& image, int height, int out_width) {
          std::vector<std::uint8_t> pixels(static_cast<std::size_t>(3 * height * out_width));
          pass(view_of(image), axis, pixels.data(), std::ptrdiff_t{3} * out_width);
          return pixels;
        };
        CHECK(run(passes->horizontal, source, source.height, out) ==
              run(expected.horizontal, source, source.height, out));
        CHECK(run(passes->vertical, tall, out, tall.width) == run(expected.vertical, tall, out, tall.width));
      }
    }
  }
}

TEST_CASE("resize: the shorter side is exact, the longer one rounded down") {
  const Image wide = synthetic_image(30, 47), tall = synthetic_image(47, 30);
  const Image from_wide = resize_shorter_side(view_of(wide), 20, Interpolation::bilinear);
  CHECK(from_wide.height == 20);
  CHECK(from_wide.width == 31);  // 31.33
  const Image from_tall = resize_shorter_side(view_of(tall), 20, Interpolation::bilinear);
  CHECK(from_tall.height == 31);
  CHECK(from_tall.width == 20);
}

TEST_CASE("resize: refuses an empty source or target") {
  const Image source = synthetic_image(4, 4);
  CHECK_THROWS_AS(resize(view_of(source), 0, 4, Interpolation::bicubic), ShapeError);
  CHECK_THROWS_AS(resize(ImageView{}, 4, 4, Interpolation::bicubic), ShapeError);
  CHECK_THROWS_AS(resize_shorter_side(view_of(source), 0, Interpolation::bicubic), ShapeError);
}

}  // namespace
}  // namespace tern
