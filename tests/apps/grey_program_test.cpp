// Networks of one channel through all programs.
#include <nlohmann/json.hpp>

#include "tern/core/random.h"
#include "tern/core/safetensors.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using nlohmann::json;

const fs::path& grey_run() {
  static const fs::path run =
      trained_once("grey", {"--set", "input.channels=1", "--set", "training.epochs=1"});
  return run;
}

const fs::path& merged_grey_model() {
  static const fs::path path = merged_once("grey-merged", grey_run() / "last.safetensors");
  return path;
}

TEST_CASE("one channel: a run says in its configuration and its checkpoints what its images are") {
  const json config = json::parse(read_bytes(grey_run() / "config.json"));
  CHECK(config.at("input").at("channels") == 1);
  CHECK(config.at("input").at("mean") == json{0.459});
  const SafetensorsFile file = SafetensorsFile::open(grey_run() / "last.safetensors");
  CHECK(json::parse(file.metadata().at("input")).at("channels") == 1);
  CHECK(json::parse(file.metadata().at("model")).at("input_channels") == 1);
}

TEST_CASE("one channel: tern-evaluate counts the same for the pair, the merged layers and the engine") {
  check_evaluated_alike(grey_run() / "last.safetensors", merged_grey_model());
}

TEST_CASE("one channel: tern-predict and the engine's library see the luminance of a picture") {
  check_classified_alike(merged_grey_model());
}

TEST_CASE("one channel: speed and memory are measured on images of one channel") {
  const ProgramResult speed =
      run_program("tern-predict", {merged_grey_model(), "--benchmark", "--seconds", "0", "--threads", "1"});
  require_success(speed);
  CHECK_THAT(speed.out, Contains("16x16 pixels, batch 1"));
  const TemporaryDirectory folder;
  const ProgramResult memory = train(folder.path(), {"--set", "input.channels=1", "--memory"});
  require_success(memory);
  CHECK_FALSE(memory.out.empty());
}

TEST_CASE("one channel: a file whose metadata describe other images is refused") {
  const TemporaryDirectory folder;
  const fs::path changed = folder / "changed.safetensors";
  rewrite_metadata(merged_grey_model(), changed, "input",
                   SafetensorsFile::open(finished_run() / "last.safetensors").metadata().at("input"));
  const std::vector<std::string> pieces = {"changed.safetensors: metadata \"input\"", "(16, 16, 3)",
                                           "(16, 16, 1)"};
  check_refused(run_program("tern-predict", {changed, some_digits(1).front()}), pieces);
  check_refused(run_program("tern-evaluate", {changed, "--data", digits() / "test"}), pieces);
}

TEST_CASE("one channel: training goes on from a checkpoint, and not with another number of channels",
          "[plain]") {
  const TemporaryDirectory folder;
  require_success(train(folder.path(), {"--set", "input.channels=1", "--set", "training.epochs=1"}));
  const ProgramResult resumed = train(folder.path(), {"--set", "input.channels=1", "--resume"});
  require_success(resumed);
  CHECK(lines_of(folder / "run/metrics.csv").size() == 3);
  check_refused(train(folder.path(), {"--resume"}),
                {"last.safetensors", "input.channels: 1 then, 3 now (cannot be forced"});
}

}  // namespace
}  // namespace tern::test
