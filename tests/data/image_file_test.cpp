#include "tern/data/image_file.h"

#include <fstream>
#include <optional>

#include "tern/core/crc32.h"
#include "tern/core/error.h"
#include "tern/data/read_file.h"
#include "tests/data/data_error.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

namespace tern {
namespace {

using Catch::Contains;
using test::data_error_of;
using test::TemporaryDirectory;
using Bytes = std::vector<std::uint8_t>;

const std::filesystem::path kFixtures = test::default_fixtures();
const std::filesystem::path kImages = kFixtures / "images";

Bytes fixture(const std::string& name) {
  constexpr std::uint64_t kMaxBytes = 4096;
  return read_file(kImages / name, kMaxBytes);
}

std::uint32_t checksum(const Image& image) {
  return crc32(0, image.pixels.data(), image.pixels.size());
}

/// Of damaged data an image or nothing; everything but a DataError fails the test.
std::optional<Image> decode_damaged(const Bytes& bytes) {
  ImageOptions options;
  options.max_pixels = 1 << 16;  // a damaged header may ask for anything
  try {
    return decode_image(bytes, "damaged", options);
  } catch (const DataError&) {
    return std::nullopt;
  }
}

TEST_CASE("image file: every kind of PNG and WebP decodes to Pillow's pixels") {
  std::ifstream list(kImages / "pixels.txt");
  std::string name, crc;
  int height = 0, width = 0, count = 0;
  while (list >> name >> height >> width >> crc) {
    CAPTURE(name);
    const Image image = read_image(kImages / name);
    CHECK((image.height == height && image.width == width));
    CHECK(fmt::format("{:08x}", checksum(image)) == crc);
    const ImageExtents extents = read_image_extents(kImages / name);
    CHECK((extents.height == height && extents.width == width));
    ++count;
  }
  CHECK(count == 19);
}

TEST_CASE("image file: the background shows behind what is transparent") {
  ImageOptions options;
  options.background = {200, 100, 0};
  // The first entry of the palette is wholly transparent.
  const Bytes pixels = read_image(kImages / "palette_alpha.png", options).pixels;
  bool is_shown = false;
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    is_shown |= pixels[i] == 200 && pixels[i + 1] == 100 && pixels[i + 2] == 0;
  }
  CHECK(is_shown);
  CHECK(read_image(kImages / "rgb.png", options).pixels == read_image(kImages / "rgb.png").pixels);
}

TEST_CASE("image file: an orientation is applied unless the options say otherwise") {
  ImageOptions as_stored;
  as_stored.exif_orientation = false;
  const Image upright = read_image(kImages / "rgb.png");
  for (const char* name : {"turned_6.png", "turned_8.webp"}) {
    CHECK(read_image(kImages / name).height == 14);
    CHECK(read_image(kImages / name, as_stored).pixels == upright.pixels);
    CHECK(read_image_extents(kImages / name, as_stored).height == 11);
  }
}

TEST_CASE("image file: a JPEG turned by EXIF is the picture that was turned by its pixels") {
  const Image turned = read_image(kImages / "exif_orientation_6.jpg"),
              right = read_image(kImages / "exif_upright.jpg");
  REQUIRE((turned.height == 32 && turned.width == 48));
  REQUIRE(turned.pixels.size() == right.pixels.size());
  int largest = 0;
  for (std::size_t i = 0; i < right.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(int{turned.pixels[i]} - int{right.pixels[i]}));
  }
  CHECK(largest <= 6);  // two encodings of one picture; Pillow decodes them 4 apart
  const ImageExtents extents = read_image_extents(kImages / "exif_orientation_6.jpg");
  CHECK((extents.height == 32 && extents.width == 48));
}

TEST_CASE("image file: the bytes tell the format, not the name") {
  const TemporaryDirectory folder;
  CHECK(checksum(read_image(folder.write("cat.jpg", fixture("rgb.png")))) ==
        checksum(read_image(kImages / "rgb.png")));
  CHECK(has_image_suffix("a/b.JPG"));
  CHECK(has_image_suffix("x.webp"));
  CHECK_FALSE(has_image_suffix("png"));
  CHECK_FALSE(has_image_suffix("x.gif"));
}

TEST_CASE("image file: other formats are named") {
  struct Case {
    std::string_view begin, name;
  };
  using namespace std::string_view_literals;
  const auto [begin, name] =
      GENERATE(Case{"GIF89a"sv, "is a GIF, not a JPEG, PNG or WebP"}, Case{"BM\x36\0\0\0"sv, "is a BMP, not"},
               Case{"II*\0\x08\0\0\0"sv, "is a TIFF, not"},
               Case{"\0\0\0\x1c"
                    "ftypavif"sv,
                    "is an AVIF or HEIF, not"},
               Case{"<html>"sv, "is not a JPEG, PNG or WebP: byte 0 is 0x3c"});
  const TemporaryDirectory folder;
  const auto path = folder.write("cat.jpg", begin);
  const std::string error = data_error_of([&] { read_image(path); });
  CHECK_THAT(error, Contains(std::string(name)) && Contains(path.string()));
  CHECK_THAT(data_error_of([&] { read_image(kImages / "animated.webp"); }),
             Contains("animated.webp: is an animated WebP"));
}

TEST_CASE("image file: missing, empty, oversized files and folders are refused") {
  const TemporaryDirectory folder;
  const auto missing = folder.path() / "missing.jpg";
  CHECK_THAT(data_error_of([&] { read_image(missing); }), Contains("missing.jpg: no such file"));
  CHECK_THAT(data_error_of([&] { read_image(folder.path()); }), Contains("is a folder"));
  CHECK_THAT(data_error_of([&] { read_image(folder.write("zero.jpg", "")); }),
             Contains("zero.jpg: the file is empty"));
  CHECK_THAT(data_error_of([] { decode_image({}, "nothing.jpg"); }),
             Contains("nothing.jpg: the image is empty"));
  ImageOptions options;
  options.max_file_bytes = 100;
  CHECK_THAT(data_error_of([&] { read_image(kImages / "rgb.png", options); }),
             Contains("bytes, the limit is 100"));
}

TEST_CASE("image file: too many pixels are refused before anything is decoded") {
  const auto name = GENERATE("rgb.png", "rgb_lossless.webp");
  ImageOptions options;
  options.max_pixels = 11 * 14;
  CHECK_NOTHROW(read_image(kImages / name, options));
  options.max_pixels -= 1;
  for (const bool header : {false, true}) {
    CHECK_THAT(data_error_of([&] {
                 header ? void(read_image_extents(kImages / name, options))
                        : void(read_image(kImages / name, options));
               }),
               Contains("14 x 11 = 154 pixels, the limit is 153"));
  }
}

TEST_CASE("image file: a header longer than what is read of it first") {
  // A chunk of 80,000 bytes between a PNG's header, which is 33 bytes long, and its EXIF.
  Bytes bytes = fixture("turned_6.png");
  Bytes chunk(12 + 80'000, 'x');
  for (const std::size_t i : {0, 1, 2, 3}) chunk[i] = static_cast<std::uint8_t>(80'000 >> (24 - 8 * i));
  const std::string type = "teRn";
  std::copy(type.begin(), type.end(), chunk.begin() + 4);
  const std::uint32_t crc = crc32(0, &chunk[4], chunk.size() - 8);
  for (const std::size_t i : {0, 1, 2, 3}) {
    chunk[chunk.size() - 4 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  }
  bytes.insert(bytes.begin() + 33, chunk.begin(), chunk.end());
  const TemporaryDirectory folder;
  const auto path = folder.write("a.png", bytes);
  CHECK(read_image_extents(path).height == 14);
  CHECK(checksum(read_image(path)) == checksum(read_image(kImages / "turned_6.png")));
}

TEST_CASE("image file: one that is cut off is refused, or has lost no pixel") {
  const auto name = GENERATE("rgb.png", "rgb_interlaced.png", "palette_alpha.png", "rgb_lossy.webp",
                             "rgba_lossless.webp", "turned_8.webp");
  const Bytes whole = fixture(name);
  const Image image = decode_image(whole, name);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(name, size);
    // A buffer of exactly this size, so that AddressSanitizer sees a read beyond it.
    const auto cut = decode_damaged(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    REQUIRE((!cut || (size > whole.size() - 20 && cut->pixels == image.pixels)));
  }
}

TEST_CASE("image file: a flipped bit anywhere gives an image or an error") {
  const auto name = GENERATE("palette_alpha.png", "rgba_lossy.webp", "turned_8.webp", "turned_6.png");
  const Bytes whole = fixture(name);
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    CAPTURE(name, bit);
    Bytes damaged = whole;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << bit % 8));
    const std::optional<Image> image = decode_damaged(damaged);
    if (image) {
      REQUIRE(image->pixels.size() == std::size_t{3} * image->height * image->width);
    } else {
      ++refused;
    }
  }
  CHECK(refused > 0);
}

}  // namespace
}  // namespace tern
