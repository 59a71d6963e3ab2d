// Configurations of configs/ with small data of the kind that they are for.
#include "tern/data/jpeg.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;

ProgramResult train_with(const TemporaryDirectory& folder, const std::string& config,
                         const std::vector<std::string>& settings, bool summary) {
  std::vector<std::string> arguments{default_fixtures() / "../../configs" / config};
  if (summary) arguments.emplace_back("--summary");
  for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  ProgramOptions options;
  options.directory = folder.path();
  return run_program("tern-train", arguments, options);
}

/// `count` 28x28 pictures of one grey each in the MNIST format; the labels go from 0 to 9 again and again.
void write_mnist(const TemporaryDirectory& folder, const std::string& split, int count) {
  std::string images("\0\0\x08\x03\0\0\0\0\0\0\0\x1c\0\0\0\x1c", 16), labels("\0\0\x08\x01\0\0\0\0", 8);
  images[7] = labels[7] = static_cast<char>(count);
  for (int i = 0; i < count; ++i) {
    images += std::string(28 * 28, static_cast<char>(25 * (i % 10)));
    labels += static_cast<char>(i % 10);
  }
  folder.write("data/mnist/" + split + "-images-idx3-ubyte", images);
  folder.write("data/mnist/" + split + "-labels-idx1-ubyte", labels);
}

TEST_CASE("configs: mnist.json trains on IDX files as they are") {
  const TemporaryDirectory folder;
  write_mnist(folder, "train", 20);
  write_mnist(folder, "t10k", 10);
  const ProgramResult summary = train_with(folder, "mnist.json", {}, true);
  require_success(summary);
  CHECK_THAT(summary.out, Catch::Contains("input") && Catch::Contains("(28, 28, 1)"));
  require_success(train_with(folder, "mnist.json", {"training.epochs=1", "training.batch_size=10"}, false));
  CHECK(lines_of(folder / "runs/mnist/metrics.csv").size() == 2);
}

TEST_CASE("configs: photos_224.json trains on photos of any size and keeps some for validation", "[plain]") {
  const TemporaryDirectory folder;
  for (const int i : {0, 1, 2, 3, 4, 5}) {
    const Image photo{90 + i, 120,
                      std::vector<std::uint8_t>(static_cast<std::size_t>((90 + i) * 120 * 3), 40 * i)};
    folder.write("data/photos/train/" + std::string(i < 4 ? "cat" : "dog") + "/" + std::to_string(i) + ".jpg",
                 encode_jpeg(photo, 90));
  }
  const ProgramResult summary = train_with(folder, "photos_224.json", {}, true);
  require_success(summary);
  CHECK_THAT(summary.out, Catch::Contains("(224, 224, 3)") && Catch::Contains("fc "));
  // Smaller images, so that it takes no time.
  const ProgramResult result = train_with(
      folder, "photos_224.json",
      {"training.epochs=1", "schedule.warmup=0", "training.batch_size=2", "input.size=32", "input.resize=36"},
      false);
  require_success(result);
  CHECK_THAT(result.err, Catch::Contains("4 training images, 2 validation images, 2 classes: cat, dog") &&
                             Catch::Contains("class weights: cat 0.6667, dog 2"));
  CHECK(lines_of(folder / "runs/photos_224/metrics.csv").size() == 2);
}

}  // namespace
}  // namespace tern::test
