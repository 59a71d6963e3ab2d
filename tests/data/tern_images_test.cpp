#include "tern/data/tern_images.h"

#include <cstring>

#include "tern/data/image_file.h"
#include "tern/data/jpeg.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

using namespace tern;
using Catch::Contains;

TEST_CASE("tern_images: the pixels of a file and of memory are those of training, what fails is a status") {
  const test::TemporaryDirectory folder;
  Image image{5, 7, std::vector<std::uint8_t>(5 * 7 * 3)};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(2 * i);
  const std::vector<std::uint8_t> file = encode_jpeg(image, 90);
  const auto path = folder.write("picture.jpg", file);
  const Image expected = decode_image(file, "picture");
  tern_picture pictures[2];
  REQUIRE(tern_images_read_file(path.c_str(), nullptr, &pictures[0]) == TERN_IMAGES_OK);
  REQUIRE(tern_images_read_memory(file.data(), file.size(), nullptr, &pictures[1]) == TERN_IMAGES_OK);
  for (tern_picture& picture : pictures) {
    REQUIRE(picture.height == 5);
    REQUIRE(picture.width == 7);
    CHECK(std::memcmp(picture.pixels, expected.pixels.data(), expected.pixels.size()) == 0);
    tern_images_free(&picture);
    CHECK(picture.pixels == nullptr);
  }

  tern_picture& picture = pictures[0];
  CHECK(tern_images_read_file((folder / "none.jpg").c_str(), nullptr, &picture) == TERN_IMAGES_BAD_PICTURE);
  CHECK(picture.pixels == nullptr);
  CHECK_THAT(tern_images_error(), Contains("none.jpg: no such file"));
  CHECK(tern_images_read_memory(file.data(), file.size() / 2, nullptr, &picture) == TERN_IMAGES_BAD_PICTURE);
  CHECK_THAT(tern_images_error(), Contains("picture in memory"));
  CHECK(tern_images_read_file(nullptr, nullptr, &picture) == TERN_IMAGES_BAD_ARGUMENT);
  CHECK(tern_images_read_memory(nullptr, 3, nullptr, &picture) == TERN_IMAGES_BAD_ARGUMENT);
  CHECK(tern_images_read_file(path.c_str(), nullptr, nullptr) == TERN_IMAGES_BAD_ARGUMENT);
  tern_images_free(nullptr);
}

TEST_CASE("tern_images: orientation and background are what the options say") {
  const auto check_read = [](const char* name, const tern_images_options* options,
                             const ImageOptions& expected_options) {
    const std::string path = test::default_fixtures() / "images" / name;
    const Image expected = read_image(path, expected_options);
    tern_picture picture;
    REQUIRE(tern_images_read_file(path.c_str(), options, &picture) == TERN_IMAGES_OK);
    REQUIRE((picture.height == expected.height && picture.width == expected.width));
    CHECK(std::memcmp(picture.pixels, expected.pixels.data(), expected.pixels.size()) == 0);
    tern_images_free(&picture);
  };
  const tern_images_options as_stored_on_blue{0, {0, 0, 200}};
  const ImageOptions the_same{.exif_orientation = false, .background = {0, 0, 200}};
  for (const char* name : {"turned_6.png", "rgba.png"}) {
    check_read(name, nullptr, {});
    check_read(name, &as_stored_on_blue, the_same);
  }
}
