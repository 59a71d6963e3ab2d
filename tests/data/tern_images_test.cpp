#include "tern/data/tern_images.h"

#include <cstring>

#include "tern/data/image_file.h"
#include "tern/data/jpeg.h"
#include "tests/support/catch.h"
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
  REQUIRE(tern_images_read_file(path.c_str(), &pictures[0]) == TERN_IMAGES_OK);
  REQUIRE(tern_images_read_memory(file.data(), file.size(), &pictures[1]) == TERN_IMAGES_OK);
  for (tern_picture& picture : pictures) {
    REQUIRE(picture.height == 5);
    REQUIRE(picture.width == 7);
    CHECK(std::memcmp(picture.pixels, expected.pixels.data(), expected.pixels.size()) == 0);
    tern_images_free(&picture);
    CHECK(picture.pixels == nullptr);
  }

  tern_picture& picture = pictures[0];
  CHECK(tern_images_read_file((folder / "none.jpg").c_str(), &picture) == TERN_IMAGES_BAD_PICTURE);
  CHECK(picture.pixels == nullptr);
  CHECK_THAT(tern_images_error(), Contains("none.jpg: no such file"));
  CHECK(tern_images_read_memory(file.data(), file.size() / 2, &picture) == TERN_IMAGES_BAD_PICTURE);
  CHECK_THAT(tern_images_error(), Contains("picture in memory"));
  CHECK(tern_images_read_file(nullptr, &picture) == TERN_IMAGES_BAD_ARGUMENT);
  CHECK(tern_images_read_memory(nullptr, 3, &picture) == TERN_IMAGES_BAD_ARGUMENT);
  CHECK(tern_images_read_file(path.c_str(), nullptr) == TERN_IMAGES_BAD_ARGUMENT);
  tern_images_free(nullptr);
}
