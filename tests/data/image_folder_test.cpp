#include "tern/data/image_folder.h"

#include "tern/data/jpeg.h"
#include "tests/data/data_error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using Catch::Contains;
using tern::Image;
using tern::ImageFolder;
using tern::test::data_error_of;
using tern::test::TemporaryDirectory;

namespace {

std::vector<std::uint8_t> jpeg_of(int height, int width) {
  const auto bytes = static_cast<std::size_t>(3 * height * width);
  return tern::encode_jpeg(Image{height, width, std::vector<std::uint8_t>(bytes, 128)}, 90);
}

std::string open_error(const std::filesystem::path& root) {
  return data_error_of([&] { ImageFolder{root}; });
}

}  // namespace

TEST_CASE("image folder: classes and files are sorted bytewise, nested folders included") {
  const TemporaryDirectory folder;
  folder.write("b/2.JPG", jpeg_of(2, 3));
  folder.write("b/10.jpeg", jpeg_of(4, 5));
  folder.write("b/nested/1.JPEG", jpeg_of(6, 7));
  folder.write("B/x.jpg", jpeg_of(8, 9));
  const ImageFolder images(folder.path());
  CHECK(images.class_names() == std::vector<std::string>{"B", "b"});
  REQUIRE(images.size() == 4);
  CHECK(images.name_of(0) == (folder.path() / "B/x.jpg").string());
  CHECK(images.name_of(1) == (folder.path() / "b/10.jpeg").string());
  CHECK(images.name_of(2) == (folder.path() / "b/2.JPG").string());
  CHECK(images.name_of(3) == (folder.path() / "b/nested/1.JPEG").string());
  const tern::Sample sample = images.load(3);
  CHECK(sample.label == 1);
  CHECK(sample.image.height == 6);
  CHECK(sample.image.width == 7);
  CHECK(images.load(0).label == 0);
  CHECK_THROWS_AS(images.load(4), tern::ShapeError);
  CHECK_THROWS_AS(images.name_of(-1), tern::ShapeError);
}

TEST_CASE("image folder: other files are counted, hidden ones are not") {
  const TemporaryDirectory folder;
  folder.write("README.md", "hello");
  folder.write("a/1.jpg", jpeg_of(1, 1));
  folder.write("a/1.gif", "x");
  folder.write("a/nested/notes.txt", "x");
  folder.write("a/.thumbnail.jpg", "x");
  folder.write(".cache/x.jpg", "x");
  const ImageFolder images(folder.path());
  CHECK(images.size() == 1);
  CHECK(images.class_names() == std::vector<std::string>{"a"});
  CHECK(images.ignored_files() == std::map<std::string, std::int64_t>{{".gif", 1}, {".md", 1}, {".txt", 1}});
}

TEST_CASE("image folder: images under all their suffixes") {
  const TemporaryDirectory folder;
  for (const char* name : {"1.jpg", "2.JPEG", "3.jpe", "4.Jfif", "5.png", "6.WebP"})
    folder.write(fmt::format("a/{}", name), jpeg_of(1, 1));
  CHECK(ImageFolder(folder.path()).size() == 6);
}

TEST_CASE("image folder: a class whose name is not UTF-8 is refused") {
  const TemporaryDirectory folder;
  folder.write("gr\xf8n/1.jpg", jpeg_of(1, 1));
  CHECK_THAT(open_error(folder.path()), Contains("gr\xef\xbf\xbdn: the name of the class is not UTF-8"));
}

TEST_CASE("image folder: extents from the header of a file, however long that is") {
  const TemporaryDirectory folder;
  std::vector<std::uint8_t> bytes = jpeg_of(6, 7);
  folder.write("a/1.jpg", bytes);
  // Two comments of 60,000 bytes before the frame.
  std::vector<std::uint8_t> comment(60002, 'x');
  comment[0] = 0xff, comment[1] = 0xfe, comment[2] = 60000 >> 8, comment[3] = 60000 & 0xff;
  for (int i = 0; i < 2; ++i) bytes.insert(bytes.begin() + 2, comment.begin(), comment.end());
  folder.write("a/2.jpg", bytes);
  bytes.resize(bytes.size() / 2);
  folder.write("a/3.jpg", bytes);
  folder.write("a/4.jpg", "GIF89a");
  const ImageFolder images(folder.path());
  for (const int i : {0, 1}) {
    CHECK(images.extents_of(i)->height == 6);
    CHECK(images.extents_of(i)->width == 7);
  }
  CHECK_THAT(data_error_of([&] { images.extents_of(2); }), Contains("3.jpg"));
  CHECK_THAT(data_error_of([&] { images.extents_of(3); }), Contains("is a GIF"));
}

TEST_CASE("image folder: the fingerprint is that of files and classes, not of the place") {
  const auto fingerprint = [](const std::string& first, const std::string& second, int side) {
    const TemporaryDirectory folder;
    folder.write(first, jpeg_of(1, 1));
    folder.write(second, jpeg_of(side, side));
    return ImageFolder(folder.path()).fingerprint();
  };
  const std::uint32_t expected = fingerprint("a/1.jpg", "b/2.jpg", 1);
  CHECK(fingerprint("a/1.jpg", "b/2.jpg", 1) == expected);
  CHECK(fingerprint("a/1.jpg", "c/2.jpg", 1) != expected);
  CHECK(fingerprint("a/1.jpg", "b/3.jpg", 1) != expected);
  CHECK(fingerprint("a/1.jpg", "a/b/2.jpg", 1) != expected);
  CHECK(fingerprint("a/1.jpg", "b/2.jpg", 64) != expected);
}

TEST_CASE("image folder: a missing folder and one without classes show the layout") {
  const TemporaryDirectory folder;
  CHECK_THAT(open_error(folder.path() / "train"),
             Contains("train: no such folder") && Contains("train/cat/1.jpg"));
  CHECK_THAT(open_error(folder.path()), Contains("holds no class folders") && Contains("/cat/1.jpg"));
  const auto file = folder.write("1.jpg", jpeg_of(1, 1));
  CHECK_THAT(open_error(folder.path()), Contains("holds no class folders, but 1 files"));
  CHECK_THAT(open_error(file), Contains("1.jpg: is a file"));
}

TEST_CASE("image folder: a class without images is named with what it has") {
  const TemporaryDirectory folder;
  folder.write("cat/1.jpg", jpeg_of(1, 1));
  std::filesystem::create_directory(folder.path() / "dog");
  CHECK_THAT(open_error(folder.path()), Contains("/dog: the class has no .jpg") && Contains("is empty"));
  folder.write("dog/1.GIF", "x");
  folder.write("dog/2.gif", "x");
  folder.write("dog/LICENSE", "x");
  CHECK_THAT(open_error(folder.path()),
             Contains("/dog") && Contains("2 .gif") && Contains("1 without suffix"));
}

TEST_CASE("image folder: limits and bad files show when the sample is loaded") {
  const TemporaryDirectory folder;
  folder.write("a/big.jpg", jpeg_of(10, 11));
  folder.write("a/text.jpg", "hello");
  tern::ImageOptions options;
  options.max_pixels = 100;
  const ImageFolder images(folder.path(), options);
  CHECK_THAT(data_error_of([&] { images.load(0); }), Contains("a/big.jpg") && Contains("110 pixels"));
  CHECK_THAT(data_error_of([&] { images.load(1); }), Contains("a/text.jpg: is not a JPEG, PNG or WebP"));
}

TEST_CASE("image folder: links are followed, but not in circles") {
  const TemporaryDirectory folder;
  folder.write("elsewhere/1.jpg", jpeg_of(1, 1));
  std::filesystem::create_directory(folder.path() / "root");
  std::filesystem::create_directory_symlink(folder.path() / "elsewhere", folder.path() / "root/cat");
  const ImageFolder images(folder.path() / "root");
  CHECK(images.size() == 1);
  CHECK_NOTHROW(images.load(0));

  std::filesystem::create_symlink(folder.path() / "nowhere.jpg", folder.path() / "elsewhere/2.jpg");
  const ImageFolder broken(folder.path() / "root");
  REQUIRE(broken.size() == 2);
  CHECK_THAT(data_error_of([&] { broken.load(1); }), Contains("cat/2.jpg: no such file"));

  std::filesystem::create_directory_symlink(folder.path() / "elsewhere", folder.path() / "elsewhere/loop");
  CHECK_THAT(open_error(folder.path() / "root"), Contains("loop: is a symbolic link to"));
}
