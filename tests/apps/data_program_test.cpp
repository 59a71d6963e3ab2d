// tern-data: generated and converted data sets, and what it never overwrites.
#include "tern/data/image_file.h"
#include "tern/data/image_folder.h"
#include "tern/data/jpeg.h"
#include "tern/data/png.h"
#include "tern/data/resize.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCifarPixels = 3 * 32 * 32;

/// A CIFAR-10 of 10 images a file: image i has label i and one colour.
fs::path write_cifar10(const TemporaryDirectory& folder) {
  std::string names, records;
  for (int label = 0; label < 10; ++label) {
    names += "class" + std::to_string(label) + "\n";
    records += static_cast<char>(label) + std::string(kCifarPixels, static_cast<char>(20 * label));
  }
  folder.write("cifar/batches.meta.txt", names);
  for (const char* file :
       {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"}) {
    folder.write(fs::path("cifar") / (std::string(file) + ".bin"), records);
  }
  return folder / "cifar";
}

/// Ten 5x4 pictures in the MNIST format.
fs::path write_idx(const TemporaryDirectory& folder) {
  std::string images("\0\0\x08\x03\0\0\0\x0a\0\0\0\x05\0\0\0\x04", 16), labels("\0\0\x08\x01\0\0\0\x0a", 8);
  for (int label = 0; label < 10; ++label) {
    images += std::string(20, static_cast<char>(25 * label));
    labels += static_cast<char>(label);
  }
  for (const char* split : {"train", "t10k"}) {
    folder.write("idx/" + std::string(split) + "-images-idx3-ubyte", images);
    folder.write("idx/" + std::string(split) + "-labels-idx1-ubyte", labels);
  }
  return folder / "idx";
}

void check_pixel(const Sample& sample, int height, int width, int expected) {
  CHECK(sample.image.height == height);
  CHECK(sample.image.width == width);
  CHECK(std::abs(static_cast<int>(sample.image.pixels.at(0)) - expected) <= 2);  // JPEG at quality 95
}

TEST_CASE("tern-data: digits are the same for the same seed and other ones for another") {
  const TemporaryDirectory folder;
  const auto make = [&folder](const std::string& name, const std::string& seed) {
    require_success(
        run_program("tern-data", {"digits", folder / name, "--train", "20", "--test", "10", "--seed", seed}));
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder / name)) {
      if (entry.path().extension() == ".jpg")
        files[entry.path().lexically_relative(folder / name)] = read_bytes(entry.path());
    }
    return files;
  };
  const auto first = make("first", "3");
  CHECK(first.size() == 30);
  CHECK(first == make("second", "3"));
  CHECK(first != make("third", "4"));
}

TEST_CASE("tern-data: cifar10 becomes a folder of JPEGs per class") {
  const TemporaryDirectory folder;
  const fs::path source = write_cifar10(folder);
  require_success(run_program("tern-data", {"cifar10", source, (folder / "out").string() + "/"}));
  const ImageFolder train_set(folder / "out/train"), test_set(folder / "out/test");
  CHECK(train_set.size() == 50);
  REQUIRE(test_set.size() == 10);
  CHECK(test_set.class_names().at(7) == "class7");
  for (const int label : {0, 7}) check_pixel(test_set.load(label), 32, 32, 20 * label);
  CHECK_FALSE(fs::exists(folder / "out.tmp"));
}

TEST_CASE("tern-data: idx becomes a folder of JPEGs per class") {
  const TemporaryDirectory folder;
  require_success(run_program("tern-data", {"idx", write_idx(folder), folder / "out"}));
  const ImageFolder train_set(folder / "out/train");
  REQUIRE(train_set.size() == 10);
  for (const int label : {1, 9}) check_pixel(train_set.load(label), 5, 4, 25 * label);
}

TEST_CASE("tern-data: refuses a damaged source and leaves nothing behind") {
  const TemporaryDirectory folder;
  const fs::path source = write_cifar10(folder);
  const fs::path batch = source / "data_batch_3.bin";
  fs::resize_file(batch, fs::file_size(batch) - 1);
  check_refused(run_program("tern-data", {"cifar10", source, folder / "out"}), {batch.string(), "cut off"});
  check_refused(run_program("tern-data", {"idx", source, folder / "out"}), {"train-images"});
  check_refused(run_program("tern-data", {"cifar10", folder / "none", folder / "out"}), {"none"});
  CHECK_FALSE(fs::exists(folder / "out"));
  CHECK_FALSE(fs::exists(folder / "out.tmp"));
}

Image striped(int height, int width) {
  Image image{height, width, {}};
  for (int i = 0; i < height * width * 3; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i * 7 % 251));
  return image;
}

std::string text_of(const std::vector<std::uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Three good pictures, a strip among them, a broken one and a table.
fs::path write_photos(const TemporaryDirectory& folder) {
  folder.write("photos/train/cat/1.JPG", text_of(encode_jpeg(striped(60, 90), 90)));
  folder.write("photos/train/dog/deep/2.png", text_of(encode_png(striped(50, 20))));
  folder.write("photos/test/dog/strip.jpg", text_of(encode_jpeg(striped(1, 30000), 90)));
  folder.write("photos/test/dog/broken.jpg", "no JPEG");
  folder.write("photos/train.csv", "path,label");
  return folder / "photos";
}

TEST_CASE("tern-data: resize copies a tree of images at a smaller size, and says which are bad") {
  const TemporaryDirectory folder;
  const fs::path photos = write_photos(folder), out = folder / "small";
  const ProgramResult result =
      run_program("tern-data", {"resize", photos, out, "--size", "15", "--format", "png", "--threads", "2"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Catch::Contains("broken.jpg") && Catch::Contains("byte 0"));
  CHECK_THAT(result.out, Catch::Contains("2 written, 1 copied as they are, 0 there before, 1 bad; 1 other"));
  for (const char* name : {"train/cat/1.JPG", "train/dog/deep/2.png"}) {
    const Image expected =
        resize_shorter_side(view_of(read_image(photos / name)), 15, Interpolation::bicubic);
    CHECK(read_image(out / name).pixels == expected.pixels);
  }
  CHECK(read_bytes(out / "test/dog/strip.jpg") == read_bytes(photos / "test/dog/strip.jpg"));
  CHECK_FALSE(fs::exists(out / "test/dog/broken.jpg"));
}

TEST_CASE("tern-data: resize goes on where it stopped, with the same settings alone") {
  const TemporaryDirectory folder;
  const fs::path photos = write_photos(folder), out = folder / "small";
  fs::remove(photos / "test/dog/broken.jpg");
  const std::vector<std::string> call = {"resize", photos, out, "--size", "15"};
  require_success(run_program("tern-data", call));
  const fs::path lost = out / "train/cat/1.JPG", kept = folder.write("small/train/dog/deep/2.png", "kept");
  const std::string before = read_bytes(lost);
  fs::remove(lost);
  const ProgramResult again = run_program("tern-data", call);
  require_success(again);
  CHECK_THAT(again.out, Catch::Contains("1 written, 0 copied as they are, 2 there before"));
  CHECK(read_bytes(lost) == before);
  CHECK(read_bytes(kept) == "kept");
  check_refused(run_program("tern-data", {"resize", photos, out, "--size", "16"}),
                {"shorter side 15, jpeg of quality 95", "another folder"});
}

TEST_CASE("tern-data: resize writes neither among other files nor below its source") {
  const TemporaryDirectory folder;
  const fs::path photos = write_photos(folder);
  check_refused(run_program("tern-data", {"resize", photos, photos / "small"}), {"is below"});
  check_refused(run_program("tern-data", {"resize", photos, photos}), {"is below"});
  check_refused(run_program("tern-data", {"resize", photos / "test", photos / "train"}), {"exists already"});
  check_refused(run_program("tern-data", {"resize", folder / "none", folder / "out"}), {"none"});
  CHECK_FALSE(fs::exists(photos / "small"));
}

TEST_CASE("tern-data: never writes over folders that it did not make") {
  const TemporaryDirectory folder;
  const fs::path source = write_cifar10(folder);
  for (const char* precious : {"photos", "more.tmp"}) {
    const fs::path file = folder.write(fs::path(precious) / "precious.txt", "irreplaceable");
    const fs::path out = folder / fs::path(precious).stem().string();
    check_refused(run_program("tern-data", {"digits", out, "--train", "10", "--test", "10"}), {precious});
    check_refused(run_program("tern-data", {"cifar10", source, out}), {precious, "exists already"});
    CHECK(read_bytes(file) == "irreplaceable");
  }
}

}  // namespace
}  // namespace tern::test
