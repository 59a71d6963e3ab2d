#include "tern/data/jpeg.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "tern/core/error.h"
#include "tern/data/image_file.h"
#include "tern/data/read_file.h"
#include "tests/data/data_error.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

using Catch::Contains;
using tern::DataError;
using tern::decode_image;
using tern::Image;
using tern::ImageOptions;
using tern::test::data_error_of;
using tern::test::TemporaryDirectory;
using Bytes = std::vector<std::uint8_t>;

namespace {

const std::filesystem::path kJpegs = tern::test::default_fixtures() / "jpeg";
constexpr std::uint64_t kMaxFixture = 4096;

Bytes fixture(const std::string& name) {
  return tern::read_file(kJpegs / name, kMaxFixture);
}

Image read_ppm(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  Image image;
  int maximum = 0;
  file >> magic >> image.width >> image.height >> maximum;
  REQUIRE((magic == "P6" && maximum == 255 && image.width > 0 && image.height > 0));
  file.get();
  image.pixels.resize(static_cast<std::size_t>(image.width) * image.height * 3);
  file.read(reinterpret_cast<char*>(image.pixels.data()), static_cast<std::streamsize>(image.pixels.size()));
  REQUIRE(file);
  return image;
}

int largest_difference(const Image& a, const Image& b) {
  REQUIRE(a.height == b.height);
  REQUIRE(a.width == b.width);
  REQUIRE(a.pixels.size() == b.pixels.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
  }
  return largest;
}

Image gradient(int height, int width) {
  Image image{height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {40 + 5 * x, 200 - 6 * y, 90 + 2 * x + 2 * y}) {
        image.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return image;
}

/// The extents in the frame header (SOF0: marker, length, precision, height, width) replaced.
Bytes with_extents(Bytes jpeg, int height, int width) {
  const Bytes marker = {0xff, 0xc0};
  const auto frame = std::search(jpeg.begin(), jpeg.end(), marker.begin(), marker.end());
  REQUIRE(frame != jpeg.end());
  frame[5] = static_cast<std::uint8_t>(height >> 8);
  frame[6] = static_cast<std::uint8_t>(height);
  frame[7] = static_cast<std::uint8_t>(width >> 8);
  frame[8] = static_cast<std::uint8_t>(width);
  return jpeg;
}

/// A progressive file that is nothing but its first scan (the mean of each block), `count` times over.
Bytes with_repeated_scan(int count) {
  const Bytes whole = fixture("rgb_progressive.jpg");
  const Bytes start_of_scan = {0xff, 0xda}, tables = {0xff, 0xc4};
  const auto begin = std::search(whole.begin(), whole.end(), start_of_scan.begin(), start_of_scan.end());
  const auto end = std::search(begin, whole.end(), tables.begin(), tables.end());
  REQUIRE(end != whole.end());
  Bytes scan(begin, end);
  // Marker, length, number of components, two bytes for each, first and last coefficient, bit position. Said
  // to be of full precision, the scan needs no refinement, and libjpeg has no objection to its like.
  const std::size_t components = scan[4];
  scan[5 + 2 * components + 2] = 0;
  Bytes jpeg(whole.begin(), begin);
  for (int i = 0; i < count; ++i) jpeg.insert(jpeg.end(), scan.begin(), scan.end());
  jpeg.insert(jpeg.end(), {0xff, 0xd9});
  return jpeg;
}

/// Damaged data give an image or a DataError; everything else fails the test.
std::optional<Image> decode_damaged(const Bytes& jpeg) {
  ImageOptions options;
  options.max_pixels = 1 << 20;  // a damaged header may ask for anything
  try {
    return decode_image(jpeg, "damaged.jpg", options);
  } catch (const DataError&) {
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("jpeg: every colour model decodes to Pillow's pixels") {
  // The standard leaves the rounding of the inverse DCT (error below 1 level), of chroma upsampling and of
  // the colour conversion to the decoder: two correct ones may differ by 2 levels.
  constexpr int kTolerance = 2;
  const auto name = GENERATE(as<std::string>{}, "rgb_444", "rgb_420", "rgb_progressive", "rgb_no_jfif",
                             "rgb_1x5", "grey", "cmyk_adobe", "cmyk_no_adobe", "ycck_adobe");
  CAPTURE(name);
  const Image expected = read_ppm(kJpegs / (name + ".ppm"));
  CHECK(largest_difference(tern::read_image(kJpegs / (name + ".jpg")), expected) <= kTolerance);
}

TEST_CASE("jpeg: what was encoded is decoded again") {
  const Image image = gradient(17, 23);
  const Image decoded = decode_image(tern::encode_jpeg(image, 100), "gradient");
  // At quality 100 every DCT coefficient is rounded to an integer: less than one level in RMS; then YCbCr.
  CHECK(largest_difference(decoded, image) <= 3);
  CHECK(tern::encode_jpeg(image, 30).size() < tern::encode_jpeg(image, 95).size());
  const Bytes halved = tern::encode_jpeg(image, 95, tern::ChromaSubsampling::halved);
  CHECK(halved.size() < tern::encode_jpeg(image, 95).size());
  CHECK(largest_difference(decode_image(halved, "halved"), image) <= 16);  // a gradient's mean colours
}

TEST_CASE("jpeg: encode_jpeg refuses bad arguments") {
  CHECK_THROWS_AS(tern::encode_jpeg(gradient(4, 4), 0), tern::ShapeError);
  CHECK_THROWS_AS(tern::encode_jpeg(gradient(4, 4), 101), tern::ShapeError);
  CHECK_THROWS_AS(tern::encode_jpeg(Image{}, 90), tern::ShapeError);
  CHECK_THROWS_AS(tern::encode_jpeg(Image{4, 4, Bytes(47)}, 90), tern::ShapeError);
  CHECK_THROWS_AS(tern::encode_jpeg(Image{1, 65501, Bytes(3 * 65501)}, 90), tern::ShapeError);
}

TEST_CASE("jpeg: too many pixels are refused before anything is decoded") {
  const Bytes bomb = with_extents(fixture("rgb_444.jpg"), 65500, 65500);
  const auto start = std::chrono::steady_clock::now();
  const std::string error = data_error_of([&] { decode_image(bomb, "bomb.jpg"); });
  const auto elapsed = std::chrono::steady_clock::now() - start;
  CHECK_THAT(error, Contains("bomb.jpg") && Contains("65500 x 65500 = 4290250000 pixels"));
  // To allocate and decode 12 GB would take far longer than this, or fail.
  CHECK(elapsed < std::chrono::seconds(1));

  ImageOptions options;
  options.max_pixels = 23 * 31;
  CHECK_NOTHROW(decode_image(fixture("rgb_444.jpg"), "exact.jpg", options));
  options.max_pixels -= 1;
  CHECK_THROWS_AS(decode_image(fixture("rgb_444.jpg"), "one_less.jpg", options), DataError);
}

TEST_CASE("jpeg: a file of endless scans is refused") {
  CHECK_NOTHROW(decode_image(with_repeated_scan(3), "scans.jpg"));
  CHECK_THAT(data_error_of([] { decode_image(with_repeated_scan(300), "scans.jpg"); }),
             Contains("too many scans"));
}

TEST_CASE("jpeg: what libjpeg only warns of is an error with its reason") {
  const Bytes whole = fixture("rgb_444.jpg");
  const Bytes cut(whole.begin(), whole.end() - 60);
  CHECK_THAT(data_error_of([&] { decode_image(cut, "cut.jpg"); }),
             Contains("cut.jpg") && Contains("Premature end of JPEG file") &&
                 Contains("of " + std::to_string(cut.size())));
}

TEST_CASE("jpeg: stray bytes before the end marker are taken, as Pillow takes them") {
  const Bytes whole = fixture("rgb_444.jpg");
  for (const Bytes& bytes : {Bytes{1, 2, 3}, Bytes(20, 0)}) {
    Bytes stray = whole;
    stray.insert(stray.end() - 2, bytes.begin(), bytes.end());
    CHECK(decode_image(stray, "stray.jpg").pixels == decode_image(whole, "whole.jpg").pixels);
  }
}

#ifndef __SANITIZE_ADDRESS__  // which needs more memory than the limit
TEST_CASE("jpeg: out of memory is not the file's fault") {
  // A progressive picture needs its coefficients, two bytes for each, before any is decoded.
  Bytes large = fixture("rgb_progressive.jpg");
  const Bytes marker = {0xff, 0xc2};
  const auto frame = std::search(large.begin(), large.end(), marker.begin(), marker.end());
  REQUIRE(frame != large.end());
  frame[5] = 9000 >> 8, frame[6] = 9000 & 0xff, frame[7] = 9000 >> 8, frame[8] = 9000 & 0xff;
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{250'000'000, 250'000'000};
    setrlimit(RLIMIT_AS, &limit);
    try {
      decode_image(large, "large.jpg");
    } catch (const std::bad_alloc&) {
      _exit(7);
    } catch (const DataError&) {
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 7);
}
#endif

TEST_CASE("jpeg: a file cut anywhere is refused") {
  const auto name = GENERATE("rgb_420.jpg", "rgb_progressive.jpg", "ycck_adobe.jpg");
  const Bytes whole = fixture(name);
  REQUIRE(decode_damaged(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(name, size);
    // A buffer of exactly this size, so that AddressSanitizer sees a read beyond it.
    REQUIRE_FALSE(decode_damaged(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))));
  }
}

TEST_CASE("jpeg: a flipped bit anywhere gives an image or an error") {
  const auto name = GENERATE("rgb_420.jpg", "rgb_progressive.jpg", "cmyk_adobe.jpg", "grey.jpg");
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
