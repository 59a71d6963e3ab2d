// Data sets with something wrong in them, and what tern-train and tern-evaluate make of them.
#include <set>

#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

/// A copy of digits() to be spoilt, and room for a run on it.
class SpoiltDigits {
 public:
  SpoiltDigits() { fs::copy(digits(), data(), fs::copy_options::recursive); }

  fs::path data() const { return folder_ / "data"; }
  /// A checkpoint of another step than 0.
  bool saved_a_step() const {
    return fs::exists(folder_ / "run/last.safetensors") && !fs::exists(folder_ / "run/state-0-0.safetensors");
  }

  bool has_run() const { return fs::exists(folder_ / "run"); }
  int trained_steps() const { return static_cast<int>(lines_of(folder_ / "run/log.jsonl").size()); }

  ProgramResult train_on_it(const std::vector<std::string>& settings = {},
                            std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.end(),
                     {"--set", "data.path=" + data().string(), "--set", "training.epochs=1"});
    for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    return train(folder_.path(), arguments);
  }

 private:
  TemporaryDirectory folder_;
};

/// The `index`-th image of digit 1.
fs::path image(const fs::path& split, std::size_t index) {
  std::set<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(split / "1")) paths.insert(entry.path());
  REQUIRE(index < paths.size());
  return *std::next(paths.begin(), static_cast<std::ptrdiff_t>(index));
}

/// Within the pixels, behind the tables.
void truncate(const fs::path& jpeg) {
  constexpr int kCut = 50;
  fs::resize_file(jpeg, fs::file_size(jpeg) - kCut);
}

void become_gif(const fs::path& jpeg) {
  write_bytes(jpeg, "GIF89a and so on");
}

/// Writes 65500 x 65500 into the frame header: 12.9 GB once decoded.
void become_bomb(const fs::path& jpeg) {
  std::string bytes = read_bytes(jpeg);
  const auto frame = bytes.find("\xff\xc0");
  REQUIRE(frame != std::string::npos);
  for (const std::size_t offset : {5, 7}) bytes.replace(frame + offset, 2, "\xff\xdc");
  write_bytes(jpeg, bytes);
}

TEST_CASE("tern-train: a data folder that is not there or holds no classes is refused") {
  const TemporaryDirectory folder;
  const fs::path none = folder / "none";
  check_refused(train(folder.path(), {"--set", "data.path=" + none.string()}),
                {(none / "train").string(), "no such folder", "one folder per class"});
  check_refused(train(folder.path(), {"--set", "data.train=train/1"}), {"holds no class folders"});
  check_refused(train(folder.path(), {"--set", "data.train=DATASET.txt"}), {"DATASET.txt", "is a file"});
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: a class without images is refused, whatever else lies there") {
  const SpoiltDigits spoilt;
  const fs::path images = spoilt.data() / "train/4";
  fs::remove_all(images);
  fs::create_directory(images);
  check_refused(spoilt.train_on_it(), {images.string(), "no .jpg, .jpeg", "the folder is empty"});
  write_bytes(images / "a.gif", "x");
  check_refused(spoilt.train_on_it(), {images.string(), "1 .gif"});
}

TEST_CASE("tern-train: training and validation images of different classes are refused") {
  const SpoiltDigits spoilt;
  fs::rename(spoilt.data() / "test/9", spoilt.data() / "test/nine");
  check_refused(spoilt.train_on_it(), {"training and validation images have different classes"});
  fs::remove_all(spoilt.data() / "test/nine");
  check_refused(spoilt.train_on_it(), {"different classes: 9 only in the training images"});
}

TEST_CASE("tern-train: under fail the first bad image ends the run with its name and reason") {
  struct Case {
    void (*spoil)(const fs::path&);
    std::string reason;
  };
  for (const Case& bad : {Case{truncate, "byte"}, Case{become_gif, "is a GIF, not a JPEG, PNG or WebP"},
                          Case{become_bomb, "65500"}}) {
    const SpoiltDigits spoilt;
    const fs::path path = image(spoilt.data() / "train", 2);
    bad.spoil(path);
    check_refused(spoilt.train_on_it({"data.bad_images=fail"}), {path.string(), bad.reason});
    CHECK_FALSE(spoilt.saved_a_step());
  }
}

TEST_CASE("tern-train: says what it trains on, with the files that it ignores") {
  const SpoiltDigits spoilt;
  write_bytes(spoilt.data() / "train/3/a.gif", "x");
  write_bytes(spoilt.data() / "test/notes.txt", "x");
  fs::copy(default_fixtures() / "images/rgb.png", spoilt.data() / "train/3/b.png");
  fs::rename(image(spoilt.data() / "train", 0), spoilt.data() / "train/1/x.jfif");
  const ProgramResult result = spoilt.train_on_it({"data.max_megapixels=1", "output=config.json/x"});
  CHECK_THAT(result.err,
             Catch::StartsWith("201 training images, 60 validation images, 10 classes: 0, 1, 2, 3, "
                               "...; 2 files ignored (.gif 1, .txt 1)\n"));
}

TEST_CASE(
    "tern-train: validation fails at a bad image by default, at what a header tells before any training") {
  const SpoiltDigits spoilt;
  const fs::path path = image(spoilt.data() / "test", 0);
  const std::string whole = read_bytes(path);
  become_gif(path);
  check_refused(spoilt.train_on_it(), {path.string(), "is a GIF"});
  CHECK_FALSE(spoilt.has_run());
  write_bytes(path, whole);
  truncate(path);
  check_refused(spoilt.train_on_it(), {path.string()});
  write_bytes(path, whole);
  // The epoch was saved before the validation: nothing of it is trained again.
  check_refused(spoilt.train_on_it({"optimizer.momentum=0"}, {"--resume"}), {"optimizer.momentum"});
  check_refused(spoilt.train_on_it({}, {"--resume"}), {"data.validation: 60 images of checksum"});
  require_success(spoilt.train_on_it({}, {"--resume", "--force", "data.validation"}));
  CHECK(spoilt.trained_steps() == kStepsPerEpoch);
}

TEST_CASE(
    "tern-train: one class alone, or one whose name is not UTF-8, is refused before anything is written") {
  const SpoiltDigits spoilt;
  fs::create_directories(spoilt.data() / "nested/train");
  fs::create_directories(spoilt.data() / "nested/test");
  fs::rename(spoilt.data() / "train", spoilt.data() / "nested/train/images");
  fs::rename(spoilt.data() / "test", spoilt.data() / "nested/test/images");
  check_refused(spoilt.train_on_it({"data.train=nested/train", "data.validation=nested/test"}),
                {"one class alone, \"images\"", "one level deeper"});
  fs::rename(spoilt.data() / "nested/train/images/1", spoilt.data() / "nested/train/images/gr\xf8n");
  check_refused(spoilt.train_on_it({"data.train=nested/train/images", "data.validation=nested/test/images"}),
                {"the name of the class is not UTF-8"});
  CHECK_FALSE(spoilt.has_run());
}

TEST_CASE("tern-train: under skip up to 1 % of bad images are left out and named") {
  const SpoiltDigits spoilt;
  const std::vector<fs::path> bad{image(spoilt.data() / "train", 0), image(spoilt.data() / "train", 3)};
  become_gif(bad[0]);
  become_bomb(bad[1]);
  const ProgramResult result = spoilt.train_on_it();
  require_success(result);
  CHECK_THAT(result.err, Contains("2 images cannot be decoded and are left out"));
  for (const fs::path& path : bad) CHECK_THAT(result.err, Contains(path.string()));
}

TEST_CASE("tern-train: under skip more than 1 % of bad images end the run") {
  const SpoiltDigits spoilt;
  for (const std::size_t index : {0, 1, 2}) become_gif(image(spoilt.data() / "train", index));
  check_refused(spoilt.train_on_it(),
                {"3 of 200 images cannot be decoded, the limit is 1 % (2)", "is a GIF"});
  CHECK_FALSE(spoilt.saved_a_step());
}

TEST_CASE("tern-evaluate: a bad image fails, or is left out and counted where that is asked for") {
  const SpoiltDigits spoilt;
  const fs::path path = image(spoilt.data() / "test", 0);
  truncate(path);
  std::vector<std::string> arguments{finished_run() / "last.safetensors", "--data", spoilt.data() / "test",
                                     "--threads", "1"};
  check_refused(run_program("tern-evaluate", arguments), {path.string()});
  arguments.insert(arguments.end(), {"--bad-images", "skip"});
  const ProgramResult result = run_program("tern-evaluate", arguments);
  require_success(result);
  CHECK_THAT(result.out, Contains("left out   1 (" + path.string() + ")"));
}

}  // namespace
}  // namespace tern::test
