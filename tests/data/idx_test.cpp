#include "tern/data/idx.h"

#include <zlib.h>

#include "tern/data/read_file.h"
#include "tests/data/data_error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using Catch::Contains;
using tern::IdxDataset;
using tern::Split;
using tern::test::data_error_of;
using tern::test::TemporaryDirectory;
using Bytes = std::vector<std::uint8_t>;

namespace {

constexpr const char* kImageFile = "train-images-idx3-ubyte";
constexpr const char* kLabels = "train-labels-idx1-ubyte";

Bytes idx(std::initializer_list<std::uint32_t> extents, const Bytes& elements) {
  Bytes file = {0, 0, 8, static_cast<std::uint8_t>(extents.size())};
  for (const std::uint32_t extent : extents) {
    for (const int shift : {24, 16, 8, 0}) file.push_back(static_cast<std::uint8_t>(extent >> shift));
  }
  file.insert(file.end(), elements.begin(), elements.end());
  return file;
}

// Three images of 2 x 3 pixels.
Bytes images() {
  Bytes elements;
  for (int i = 0; i < 18; ++i) elements.push_back(static_cast<std::uint8_t>(10 + i));
  return idx({3, 2, 3}, elements);
}
Bytes labels() {
  return idx({3}, {5, 0, 9});
}

Bytes gzip(const TemporaryDirectory& folder, const Bytes& bytes) {
  const auto path = folder.path() / "scratch.gz";
  const gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) == static_cast<int>(bytes.size()));
  REQUIRE(gzclose(file) == Z_OK);
  return tern::read_file(path, 1 << 20);
}

std::string open_error(const TemporaryDirectory& folder) {
  return data_error_of([&] { IdxDataset(folder.path(), Split::train); });
}

/// The error with these files in place of the good ones.
std::string error_with(const Bytes& image_file, const Bytes& label_file) {
  const TemporaryDirectory folder;
  folder.write(kImageFile, image_file);
  folder.write(kLabels, label_file);
  return open_error(folder);
}

void check_content(const IdxDataset& dataset) {
  REQUIRE(dataset.size() == 3);
  const tern::Sample sample = dataset.load(1);
  CHECK(sample.label == 0);
  CHECK(sample.image.height == 2);
  CHECK(sample.image.width == 3);
  CHECK(sample.image.pixels == Bytes{16, 16, 16, 17, 17, 17, 18, 18, 18, 19, 19, 19, 20, 20, 20, 21, 21, 21});
  CHECK(dataset.load(2).label == 9);
}

}  // namespace

TEST_CASE("idx: plain and compressed files under all usual names") {
  const TemporaryDirectory folder;
  SECTION("plain") {
    folder.write(kImageFile, images());
    folder.write(kLabels, labels());
  }
  SECTION("with a dot") {
    folder.write("train-images.idx3-ubyte", images());
    folder.write("train-labels.idx1-ubyte", labels());
  }
  SECTION("compressed") {
    folder.write("train-images-idx3-ubyte.gz", gzip(folder, images()));
    folder.write("train-labels.idx1-ubyte.gz", gzip(folder, labels()));
  }
  const IdxDataset train(folder.path(), Split::train);
  check_content(train);
  CHECK(train.class_names().size() == 10);
  CHECK(train.class_names()[9] == "9");
  CHECK_THAT(train.name_of(2), Contains("train-images") && Contains("image 2"));
  CHECK_THROWS_AS(train.load(3), tern::ShapeError);
  CHECK_THROWS_AS(train.load(-1), tern::ShapeError);
}

TEST_CASE("idx: labels from 1 to 26 are 26 classes, those of the training images in both splits") {
  const TemporaryDirectory folder;
  Bytes letters(26), pixels(26);
  for (int i = 0; i < 26; ++i) letters[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(26 - i);
  folder.write(kImageFile, idx({26, 1, 1}, pixels));
  folder.write(kLabels, idx({26}, letters));
  folder.write("t10k-images-idx3-ubyte", images());
  folder.write("t10k-labels-idx1-ubyte", idx({3}, {26, 1, 2}));
  const IdxDataset train(folder.path(), Split::train), test(folder.path(), Split::test);
  REQUIRE(train.class_names().size() == 26);
  CHECK(train.class_names().front() == "1");
  CHECK(train.class_names().back() == "26");
  CHECK(train.load(0).label == 25);
  CHECK(test.class_names() == train.class_names());
  CHECK(test.load(0).label == 25);
  CHECK(test.load(1).label == 0);
  folder.write("t10k-labels-idx1-ubyte", idx({3}, {26, 0, 2}));
  CHECK_THAT(data_error_of([&] { IdxDataset(folder.path(), Split::test); }),
             Contains("t10k-labels") && Contains("has the label 0"));
}

TEST_CASE("idx: the test split has names of its own, labels may exceed nine") {
  const TemporaryDirectory folder;
  folder.write("t10k-images-idx3-ubyte", images());
  folder.write("t10k-labels-idx1-ubyte", idx({3}, {26, 1, 2}));
  const IdxDataset test(folder.path(), Split::test);
  CHECK(test.class_names() == std::vector<std::string>{"1", "2", "26"});
  CHECK_THAT(open_error(folder), Contains("has no train-images-idx3-ubyte"));
}

TEST_CASE("idx: bad headers are refused with the byte that is wrong") {
  Bytes file = images();
  file[1] = 7;
  CHECK_THAT(error_with(file, labels()), Contains(kImageFile) && Contains("is not an IDX file"));
  file = images();
  file[2] = 0x0d;
  CHECK_THAT(error_with(file, labels()), Contains("element type 0x0d at byte 2"));
  CHECK_THAT(error_with(labels(), images()), Contains("has 1 dimensions (byte 3), expected 3"));
  CHECK_THAT(error_with(idx({0, 2, 3}, {}), labels()), Contains("has no items"));
  CHECK_THAT(error_with(idx({3, 0, 3}, {}), labels()), Contains("images of 0 rows or columns (byte 8)"));
  CHECK_THAT(error_with(idx({3, 2, 70000}, {}), labels()), Contains("70000 rows or columns (byte 12)"));
  CHECK_THAT(error_with({0, 0, 8}, labels()), Contains("the data end at byte 3"));
}

TEST_CASE("idx: extents must fit the data") {
  CHECK_THAT(error_with(idx({4294967295U, 65535, 65535}, Bytes(18)), labels()),
             Contains("the header (bytes 4 to 15) says") && Contains("more than the file can hold"));
  Bytes file = images();
  file.pop_back();
  CHECK_THAT(error_with(file, labels()), Contains("the data end at byte 33, 1 more"));
  file = images();
  file.push_back(0);
  CHECK_THAT(error_with(file, labels()), Contains("data go on after byte 34"));
  CHECK_THAT(error_with(images(), idx({2}, {1, 2})),
             Contains("has 3 images, but") && Contains("has 2 labels"));
}

TEST_CASE("idx: a gzip file cut anywhere is refused") {
  const TemporaryDirectory folder;
  const Bytes whole = gzip(folder, images());
  folder.write(kLabels, labels());
  const std::string name = std::string(kImageFile) + ".gz";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    folder.write(name, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    REQUIRE_THAT(open_error(folder), Contains(name));
  }
}

TEST_CASE("idx: a flipped bit in a gzip file is refused or changes nothing") {
  const TemporaryDirectory folder;
  const Bytes whole = gzip(folder, images());
  folder.write(kLabels, labels());
  const std::string name = std::string(kImageFile) + ".gz";
  int harmless = 0;  // bits of the time stamp, of the padding, and the like
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    CAPTURE(bit);
    Bytes damaged = whole;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << bit % 8));
    folder.write(name, damaged);
    try {
      const IdxDataset dataset(folder.path(), Split::train);
      check_content(dataset);
      ++harmless;
    } catch (const tern::DataError& error) {
      REQUIRE_THAT(error.what(), Contains(name));
    }
  }
  CHECK(harmless < 64);
  Bytes damaged = whole;
  damaged[damaged.size() - 8] ^= 1;  // the checksum
  folder.write(name, damaged);
  CHECK_THAT(open_error(folder), Contains("incorrect data check") && Contains("near byte"));
}
