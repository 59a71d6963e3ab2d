#include "tern/data/cifar.h"

#include "tests/data/data_error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using Catch::Contains;
using tern::CifarDataset;
using tern::CifarVariant;
using tern::Split;
using tern::test::data_error_of;
using tern::test::TemporaryDirectory;
using Bytes = std::vector<std::uint8_t>;

namespace {

constexpr int kPlane = 32 * 32;

/// Pixel i of plane c of the record with `seed`.
std::uint8_t value(int seed, int c, int i) {
  return static_cast<std::uint8_t>(seed * 31 + c * 85 + i);
}

void add_record(Bytes& file, std::initializer_list<int> labels, int seed) {
  for (const int label : labels) file.push_back(static_cast<std::uint8_t>(label));
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < kPlane; ++i) file.push_back(value(seed, c, i));
  }
}

std::string numbered_names(int count) {
  std::string names;
  for (int i = 0; i < count; ++i) names += "class_" + std::to_string(i) + "\n";
  return names + "\n";  // the official files end in an empty line
}

/// Five training files of two records each, and a test file of one.
void write_cifar10(const TemporaryDirectory& folder, const std::string& prefix) {
  folder.write(prefix + "batches.meta.txt", numbered_names(10));
  for (int batch = 0; batch < 5; ++batch) {
    Bytes file;
    add_record(file, {batch}, 2 * batch);
    add_record(file, {9 - batch}, 2 * batch + 1);
    folder.write(prefix + "data_batch_" + std::to_string(batch + 1) + ".bin", file);
  }
  Bytes file;
  add_record(file, {7}, 100);
  folder.write(prefix + "test_batch.bin", file);
}

bool has_pixels_of(const tern::Image& image, int seed) {
  bool equal = image.height == 32 && image.width == 32 && image.pixels.size() == 3 * kPlane;
  for (int i = 0; equal && i < kPlane; ++i) {
    for (int c = 0; c < 3; ++c)
      equal &= image.pixels[static_cast<std::size_t>(3 * i + c)] == value(seed, c, i);
  }
  return equal;
}

std::string open_error(const std::filesystem::path& root, Split split = Split::train) {
  return data_error_of([&] { CifarDataset(root, CifarVariant::cifar10, split); });
}

}  // namespace

TEST_CASE("cifar: the files of CIFAR-10 in order, planes turned into pixels") {
  const TemporaryDirectory folder;
  const std::string prefix = GENERATE("", "cifar-10-batches-bin/");
  write_cifar10(folder, prefix);
  const CifarDataset train(folder.path(), CifarVariant::cifar10, Split::train);
  REQUIRE(train.size() == 10);
  CHECK(train.class_names().size() == 10);
  CHECK(train.class_names()[3] == "class_3");
  for (int i = 0; i < 10; ++i) {
    const tern::Sample sample = train.load(i);
    CHECK(sample.label == (i % 2 == 0 ? i / 2 : 9 - i / 2));
    CHECK(has_pixels_of(sample.image, i));
  }
  CHECK_THAT(train.name_of(0), Contains("data_batch_1.bin record 0"));
  CHECK_THAT(train.name_of(5), Contains("data_batch_3.bin record 1"));
  CHECK_THROWS_AS(train.load(10), tern::ShapeError);

  const CifarDataset test(folder.path(), CifarVariant::cifar10, Split::test);
  REQUIRE(test.size() == 1);
  CHECK(test.load(0).label == 7);
  CHECK(has_pixels_of(test.load(0).image, 100));
}

TEST_CASE("cifar: CIFAR-100 uses the fine label") {
  const TemporaryDirectory folder;
  folder.write("cifar-100-binary/fine_label_names.txt", numbered_names(100));
  Bytes file;
  add_record(file, {19, 99}, 1);
  add_record(file, {0, 42}, 2);
  folder.write("cifar-100-binary/train.bin", file);
  const CifarDataset train(folder.path(), CifarVariant::cifar100, Split::train);
  REQUIRE(train.size() == 2);
  CHECK(train.class_names().size() == 100);
  CHECK(train.load(0).label == 99);
  CHECK(train.load(1).label == 42);
  CHECK(has_pixels_of(train.load(1).image, 2));
}

TEST_CASE("cifar: missing files are named") {
  const TemporaryDirectory folder;
  CHECK_THAT(open_error(folder.path()), Contains("cifar-10-batches-bin") && Contains("batches.meta.txt"));
  write_cifar10(folder, "");
  std::filesystem::remove(folder.path() / "data_batch_4.bin");
  CHECK_THAT(open_error(folder.path()), Contains("data_batch_4.bin: no such file"));
  folder.write("batches.meta.txt", numbered_names(9));
  CHECK_THAT(open_error(folder.path()), Contains("has 9 class names") && Contains("expected 10"));
}

TEST_CASE("cifar: a cut file and a label out of range are errors with the byte offset") {
  const TemporaryDirectory folder;
  write_cifar10(folder, "");
  Bytes file;
  add_record(file, {1}, 0);
  add_record(file, {2}, 1);
  file.pop_back();
  folder.write("test_batch.bin", file);
  CHECK_THAT(open_error(folder.path(), Split::test),
             Contains("test_batch.bin: has 6145 bytes") && Contains("offset 3073"));
  file.push_back(0);
  file[3073] = 10;
  folder.write("test_batch.bin", file);
  CHECK_THAT(open_error(folder.path(), Split::test),
             Contains("test_batch.bin: label 10 at byte offset 3073"));
}
