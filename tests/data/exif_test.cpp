#include "tern/data/exif.h"

#include "tests/support/catch.h"

namespace tern {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes exif(bool big_endian, std::uint8_t orientation) {
  // One tag, a width, stands before it.
  if (big_endian) {
    return {'M', 'M', 0, 42, 0,  0, 0, 8, 0, 2, 1, 0, 0,           4, 0, 0, 0, 1, 0,
            0,   0,   9, 1,  18, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0};
  }
  return {'I', 'I', 42, 0,  8, 0, 0, 0, 2, 0, 0, 1,           4, 0, 1, 0, 0, 0, 9,
          0,   0,   0,  18, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0};
}

/// Rows of "abc", "def", as RGB pixels of one value.
Image image_of(const std::vector<std::string>& rows) {
  Image image{static_cast<int>(rows.size()), static_cast<int>(rows[0].size()), {}};
  for (const std::string& row : rows) {
    for (const char value : row) image.pixels.insert(image.pixels.end(), 3, static_cast<std::uint8_t>(value));
  }
  return image;
}

TEST_CASE("exif: the orientation in either byte order, with or without a prefix") {
  for (const bool big_endian : {false, true}) {
    for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
      Bytes bytes = exif(big_endian, orientation);
      CHECK(exif_orientation(bytes) == orientation);
      const Bytes prefix = {'E', 'x', 'i', 'f', 0, 0};
      bytes.insert(bytes.begin(), prefix.begin(), prefix.end());
      CHECK(exif_orientation(bytes) == orientation);
    }
    CHECK(exif_orientation(exif(big_endian, 9)) == 1);
    CHECK(exif_orientation(exif(big_endian, 0)) == 1);
  }
}

TEST_CASE("exif: what is cut off or makes no sense is upright, and nothing beyond the end is read") {
  const Bytes whole = exif(true, 6);
  constexpr std::size_t kOrientationEnds = 32;
  for (std::size_t size = 0; size < kOrientationEnds; ++size) {
    CHECK(exif_orientation(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))) == 1);
  }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    Bytes damaged = whole;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << bit % 8));
    const int orientation = exif_orientation(damaged);
    CHECK((orientation >= 1 && orientation <= 8));
  }
  Bytes far = whole;
  far[4] = 0xff;  // the directory is said to be 4 GB away
  CHECK(exif_orientation(far) == 1);
}

TEST_CASE("exif: the eight orientations, as Pillow's exif_transpose turns them") {
  const std::vector<std::vector<std::string>> expected = {
      {"abc", "def"},     {"cba", "fed"},     {"fed", "cba"},     {"def", "abc"},
      {"ad", "be", "cf"}, {"da", "eb", "fc"}, {"fc", "eb", "da"}, {"cf", "be", "ad"}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const Image turned = upright(image_of({"abc", "def"}), orientation);
    const Image right = image_of(expected[static_cast<std::size_t>(orientation) - 1]);
    CHECK(turned.pixels == right.pixels);
    CHECK((turned.height == right.height && turned.width == right.width));
    const ImageExtents extents = upright(ImageExtents{2, 3}, orientation);
    CHECK((extents.height == right.height && extents.width == right.width));
  }
}

}  // namespace
}  // namespace tern
