#include "tern/data/window.h"

#include <string>

#include "tests/support/catch.h"

namespace tern {
namespace {

/// The red of pixel (y, x) is 10 y + x.
Image numbered_image(int height, int width) {
  Image image{height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.insert(image.pixels.end(), {static_cast<std::uint8_t>(10 * y + x), 255, 255});
    }
  }
  return image;
}

/// The red of the pixels in the window; a dot for black ones, whose blue is 0 too.
std::string red(const Image& image, const Window& window) {
  std::string text;
  int count = 0;
  for_each_pixel(view_of(image), window, [&](const std::uint8_t* rgb) {
    text += rgb[2] == 0 ? "." : std::to_string(rgb[0]);
    text += ++count % window.size.width == 0 ? "\n" : " ";
  });
  return text;
}

TEST_CASE("window: within the image it is what is there, mirrored or not") {
  const Image image = numbered_image(4, 5);
  CHECK(red(image, {1, 2, {2, 2}}) == "12 13\n22 23\n");
  CHECK(red(image, {1, 2, {2, 2}, true}) == "13 12\n23 22\n");
  CHECK(red(image, {1, 2, {3, 2}, true}) == "13 12\n23 22\n33 32\n");
}

TEST_CASE("window: zeros outside") {
  const Image image = numbered_image(2, 3);
  CHECK(red(image, {-1, -1, {4, 4}}) == ". . . .\n. 0 1 2\n. 10 11 12\n. . . .\n");
  CHECK(red(image, {-1, 1, {3, 3}, true}) == ". . .\n. 2 1\n. 12 11\n");
}

TEST_CASE("window: reflection does not repeat the outermost pixels") {
  const Image image = numbered_image(3, 4);
  // numpy.pad(image, 2, mode="reflect")[:7, :7]
  CHECK(red(image, {-2, -2, {7, 7}, false, PaddingMode::reflect}) ==
        "22 21 20 21 22 23 22\n12 11 10 11 12 13 12\n2 1 0 1 2 3 2\n12 11 10 11 12 13 12\n"
        "22 21 20 21 22 23 22\n12 11 10 11 12 13 12\n2 1 0 1 2 3 2\n");
  CHECK(red(image, {1, 2, {3, 3}, true, PaddingMode::reflect}) == "12 13 12\n22 23 22\n12 13 12\n");
}

TEST_CASE("window: reflection goes back and forth in an image narrower than the padding") {
  const int expected[] = {1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1};  // numpy.pad([0, 1, 2], 5, mode="reflect")
  for (int i = 0; i < 13; ++i) CHECK(padded_source(i - 5, 3, PaddingMode::reflect) == expected[i]);
  for (int i = -3; i < 4; ++i) CHECK(padded_source(i, 1, PaddingMode::reflect) == 0);
}

}  // namespace
}  // namespace tern
