#include <algorithm>
#include <cstdlib>
#include <random>

#include "tern/core/error.h"
#include "tern/data/image_file.h"
#include "tern/data/read_file.h"
#include "tests/data/data_error.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"

using Catch::Contains;
using tern::DataError;
using tern::decode_image;
using tern::decode_image_part;
using tern::Image;
using tern::ImageExtents;
using tern::ImagePart;
using tern::ImageRegion;
using tern::Rectangle;
using tern::test::data_error_of;
using Bytes = std::vector<std::uint8_t>;

namespace {

constexpr std::uint64_t kMaxPartsFixture = 1 << 16;

Bytes parts_fixture(const std::string& name) {
  return tern::read_file(tern::test::default_fixtures() / "jpeg" / (name + ".jpg"), kMaxPartsFixture);
}

ImagePart part_of(const Bytes& jpeg, const Rectangle& r, int shrink = 1) {
  return decode_image_part(jpeg, "part.jpg", {}, [&](ImageExtents) { return ImageRegion{r, shrink}; });
}

ImagePart whole_of(const Bytes& jpeg, int shrink) {
  return decode_image_part(jpeg, "whole.jpg", {}, [&](ImageExtents extents) {
    const auto [height, width] = tern::shrunk(extents, shrink);
    return ImageRegion{{0, 0, height, width}, shrink};
  });
}

/// Whether the part has the pixels of the whole in `r`.
bool agrees(const ImagePart& part, const Image& whole, const Rectangle& r) {
  const int top = r.top - part.top, left = r.left - part.left;
  if (top < 0 || left < 0 || top + r.height > part.image.height || left + r.width > part.image.width)
    return false;
  if (part.image.pixels.size() != std::size_t{3} * part.image.height * part.image.width) return false;
  bool equal = true;
  for (int y = 0; y < r.height; ++y) {
    const auto row = part.image.pixels.begin() + 3 * ((top + y) * part.image.width + left);
    equal &=
        std::equal(row, row + 3 * r.width, whole.pixels.begin() + 3 * ((r.top + y) * whole.width + r.left));
  }
  return equal;
}

}  // namespace

TEST_CASE("jpeg parts: a part has the pixels of the whole, wherever it lies") {
  const auto name =
      GENERATE(as<std::string>{}, "444", "422", "440", "420", "restart", "progressive", "grey", "cmyk");
  const auto shrink = GENERATE(1, 2, 4, 8);
  const Bytes jpeg = parts_fixture("parts_" + name);
  const ImagePart whole = whole_of(jpeg, shrink);
  if (shrink == 1) CHECK(whole.image.pixels == decode_image(jpeg, "whole.jpg").pixels);
  std::mt19937 random(7);
  const auto between = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  for (int i = 0; i < 150; ++i) {
    Rectangle r;
    r.top = between(0, whole.image.height - 1), r.left = between(0, whole.image.width - 1);
    r.height = between(1, whole.image.height - r.top), r.width = between(1, whole.image.width - r.left);
    CAPTURE(name, shrink, r.top, r.left, r.height, r.width);
    const ImagePart part = part_of(jpeg, r, shrink);
    REQUIRE(agrees(part, whole.image, r));
    CHECK(part.shrink == shrink);
    CHECK(part.whole.height == whole.whole.height);
  }
}

TEST_CASE("jpeg parts: little more than the part is decoded") {
  const ImagePart part = part_of(parts_fixture("parts_420"), {50, 50, 1, 1});
  CHECK(part.image.height * part.image.width < 60 * 60);
}

TEST_CASE("jpeg parts: shrunk pixels are about the means of those that they stand for") {
  const Bytes jpeg = parts_fixture("parts_grey");
  const Image full = decode_image(jpeg, "full.jpg");
  const Image half = whole_of(jpeg, 2).image;
  REQUIRE(half.height == (full.height + 1) / 2);
  REQUIRE(half.width == (full.width + 1) / 2);
  double error = 0;
  for (int y = 0; y < full.height / 2; ++y) {
    for (int x = 0; x < full.width / 2; ++x) {
      const auto at = [&](int dy, int dx) {
        return full.pixels[3 * ((2 * y + dy) * full.width + 2 * x + dx)];
      };
      error +=
          std::abs((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4.0 - half.pixels[3 * (y * half.width + x)]);
    }
  }
  CHECK(error / (full.height / 2 * (full.width / 2)) < 4);  // of 256, in a picture of hard edges
}

TEST_CASE("jpeg parts: a file cut anywhere is refused, whatever is wanted of it") {
  const auto name = GENERATE(as<std::string>{}, "420", "restart", "progressive");
  const Bytes whole = parts_fixture("parts_" + name);
  for (std::size_t size = 0; size < whole.size(); size += 13) {
    CAPTURE(name, size);
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    REQUIRE_THROWS_AS(part_of(cut, {0, 0, 8, 8}), DataError);
    REQUIRE_THROWS_AS(part_of(cut, {40, 40, 8, 8}), DataError);
  }
  const Bytes without_end(whole.begin(), whole.end() - 1);
  CHECK_THAT(data_error_of([&] { part_of(without_end, {0, 0, 8, 8}); }), Contains("Premature end"));
}

TEST_CASE("jpeg parts: what is damaged below goes unseen, behind restart markers, too") {
  const auto name = GENERATE(as<std::string>{}, "420", "restart");
  const Bytes whole = parts_fixture("parts_" + name);
  Bytes damaged = whole;
  for (auto at = damaged.end() - 30; at < damaged.end() - 4; at += 2) {
    at[0] = 0xff;  // ones, of which no code consists
    at[1] = 0;
  }
  CAPTURE(name);
  CHECK_THROWS_AS(decode_image(damaged, "damaged.jpg"), DataError);
  CHECK(agrees(part_of(damaged, {3, 3, 20, 20}), decode_image(whole, "whole.jpg"), {3, 3, 20, 20}));
}

TEST_CASE("jpeg parts: stray bytes and comments before the end marker are taken") {
  const Bytes whole = parts_fixture("parts_420");
  for (const Bytes& bytes : {Bytes{1, 2, 3}, Bytes(20, 0), Bytes{0xff, 0xfe, 0, 4, 'h', 'i'}}) {
    Bytes stray = whole;
    stray.insert(stray.end() - 2, bytes.begin(), bytes.end());
    CHECK(agrees(part_of(stray, {3, 60, 20, 20}), decode_image(whole, "whole.jpg"), {3, 60, 20, 20}));
  }
}

TEST_CASE("jpeg parts: a picture that EXIF turns is whole and upright") {
  Bytes jpeg = parts_fixture("parts_420");
  // Big-endian TIFF of one entry: orientation 6.
  const Bytes exif = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                      0,    1,    1, 18, 0,   3,   0,   0,   0, 1, 0,   6,   0, 0,  0, 0, 0, 0};
  jpeg.insert(jpeg.begin() + 2, exif.begin(), exif.end());
  ImageExtents seen;
  const ImagePart part = decode_image_part(jpeg, "turned.jpg", {}, [&](ImageExtents extents) {
    seen = extents;
    return ImageRegion{{90, 3, 5, 5}, 1};
  });
  CHECK(seen.height == 109);
  CHECK(seen.width == 107);
  CHECK(agrees(part, decode_image(jpeg, "turned.jpg"), {90, 3, 5, 5}));
}
