#include "tern/data/digits.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tern/core/error.h"
#include "tern/data/digit_glyphs.h"
#include "tern/data/digits_writer.h"
#include "tern/data/image_folder.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using test::TemporaryDirectory;

std::vector<std::uint8_t> pixels_of(std::uint64_t seed, Split split, std::uint32_t index) {
  int label = 0;
  return render_digit(seed, split, index, label).pixels;
}

TEST_CASE("digits: an image depends on seed, split and index alone") {
  const std::vector<std::uint8_t> pixels = pixels_of(3, Split::train, 17);
  CHECK(pixels.size() == 32 * 32 * 3);
  CHECK(pixels_of(3, Split::train, 17) == pixels);
  CHECK(pixels_of(4, Split::train, 17) != pixels);
  CHECK(pixels_of(3, Split::test, 17) != pixels);
  CHECK(pixels_of(3, Split::train, 27) != pixels);
}

TEST_CASE("digits: labels take turns") {
  for (std::uint32_t index = 0; index < 25; ++index) {
    int label = -1;
    render_digit(3, Split::test, index, label);
    CHECK(label == static_cast<int>(index % 10));
  }
}

TEST_CASE("digits: ink stands out against the background") {
  // The digit lies in the middle; the corners are background but for a fragment now and then.
  int visible = 0;
  constexpr int kImages = 200;
  for (std::uint32_t index = 0; index < kImages; ++index) {
    const std::vector<std::uint8_t> pixels = pixels_of(5, Split::train, index);
    int largest = 0;
    for (int i = 8 * 32 + 8; i < 24 * 32 - 8; ++i) {
      int difference = 0;
      for (int c = 0; c < 3; ++c) difference += std::abs(pixels[i * 3 + c] - pixels[c]);
      largest = std::max(largest, difference);
    }
    visible += largest > 60 ? 1 : 0;
  }
  CHECK(visible > kImages * 95 / 100);
}

TEST_CASE("digits: a flattened stroke goes through its points and straight on from a corner") {
  const Stroke line = flatten({{0, 0}, {1, 0}, {1, 0}, {1, 1}}, 4);
  REQUIRE(line.size() == 9);
  CHECK(line[4].x == 1.0F);
  CHECK(line[4].y == 0.0F);
  for (int i = 0; i < 4; ++i) CHECK(line[i].y == 0.0F);
  for (int i = 5; i < 9; ++i) CHECK(line[i].x == 1.0F);
  for (int digit = 0; digit < 10; ++digit) CHECK(glyphs_of(digit).size() == 3);
}

TEST_CASE("digits: the folder holds the images of every class and says how it was made") {
  const TemporaryDirectory directory;
  const fs::path out = directory.path() / "digits";
  write_digits(out / "", {40, 20, 9});
  CHECK_FALSE(fs::exists(directory.path() / "digits.tmp"));

  const ImageFolder train(out / "train"), test(out / "test");
  CHECK(train.size() == 40);
  CHECK(test.size() == 20);
  CHECK(train.class_names().size() == 10);
  CHECK(fs::exists(out / "train" / "3" / "000013.jpg"));

  const Sample sample = test.load(6);  // the first of class 3
  CHECK(sample.label == 3);
  const std::vector<std::uint8_t> original = pixels_of(9, Split::test, 3);
  double error = 0.0;
  for (std::size_t i = 0; i < original.size(); ++i) {
    error += std::abs(sample.image.pixels[i] - original[i]) / static_cast<double>(original.size());
  }
  CHECK(error < 6.0);  // what JPEG loses

  const std::string text = test::read_bytes(out / "DATASET.txt");
  CHECK_THAT(text, Contains("train: 40 images") && Contains("test: 20 images") && Contains("seed: 9"));
}

TEST_CASE("digits: an earlier data set and the rest of an interrupted one are replaced") {
  const TemporaryDirectory directory;
  const fs::path out = directory.path() / "digits";
  write_digits(out, {30, 10, 1});
  fs::rename(out, directory.path() / "digits.tmp");
  write_digits(out, {20, 10, 1});
  CHECK(ImageFolder(out / "train").size() == 20);
  write_digits(out, {10, 10, 1});
  CHECK(ImageFolder(out / "train").size() == 10);
  CHECK_FALSE(fs::exists(directory.path() / "digits.tmp"));
}

TEST_CASE("digits: what is not a data set of digits is left alone") {
  for (const std::string name : {"digits", "digits.tmp"}) {
    const TemporaryDirectory directory;
    const fs::path out = directory.path() / "digits", precious = directory.path() / name / "thesis.txt";
    fs::create_directories(precious.parent_path());
    std::ofstream(precious) << "precious";
    CHECK_THROWS_AS(write_digits(out, {10, 10, 1}), DataError);
    CHECK_THROWS_WITH(write_digits(out, {10, 10, 1}), Contains("is not empty") && Contains(name));
    CHECK(fs::file_size(precious) == 8);
  }
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / "digits") << "a file";
  CHECK_THROWS_WITH(write_digits(directory.path() / "digits", {10, 10, 1}), Contains("not a folder"));
}

TEST_CASE("digits: where nothing can be written the error names the path") {
  CHECK_THROWS_AS(write_digits("/proc/digits", {10, 10, 1}), DataError);
  CHECK_THROWS_WITH(write_digits("/proc/digits", {10, 10, 1}), Contains("/proc/digits"));
}

TEST_CASE("digits: refuses counts that leave a class empty") {
  const TemporaryDirectory directory;
  CHECK_THROWS_AS(write_digits(directory.path() / "digits", {10, 9, 1}), ConfigError);
  CHECK_THROWS_AS(write_digits(directory.path() / "digits", {10'000'001, 10, 1}), ConfigError);
}

}  // namespace
}  // namespace tern
