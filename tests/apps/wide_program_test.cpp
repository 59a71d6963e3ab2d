// Networks whose images are no squares, and floats of other widths, through all programs.
#include <nlohmann/json.hpp>

#include "tern/core/safetensors.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/stored_floats.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using nlohmann::json;

// The digits are 16x16: 24x24 after the resize, of which 16x24 are cut out.
const std::vector<std::string> kWide = {"--set", "input.height=16",  "--set", "input.width=24",
                                        "--set", "input.resize=24",  "--set", "input.crop=random",
                                        "--set", "training.epochs=1"};

const fs::path& wide_run() {
  static const fs::path run = trained_once("wide", kWide);
  return run;
}

const fs::path& merged_wide_model() {
  static const fs::path path = merged_once("wide-merged", wide_run() / "last.safetensors");
  return path;
}

TEST_CASE("height and width: a run says in its checkpoints what its images are") {
  const SafetensorsFile file = SafetensorsFile::open(wide_run() / "last.safetensors");
  const json input = json::parse(file.metadata().at("input"));
  CHECK((input.at("height") == 16 && input.at("width") == 24));
  CHECK(json::parse(file.metadata().at("model")).at("input_size") == json{16, 24});
}

TEST_CASE("height and width: tern-evaluate counts the same for the pair, the merged layers and the engine") {
  check_evaluated_alike(wide_run() / "last.safetensors", merged_wide_model());
}

TEST_CASE("height and width: tern-predict and the engine's library prepare a picture alike") {
  check_classified_alike(merged_wide_model());
  const ProgramResult speed = run_program(
      "tern-predict", {merged_wide_model(), "--benchmark", "--seconds", "0", "--threads", "1", "--json"});
  require_success(speed);
  CHECK(json::parse(speed.out).at("input_size") == json{16, 24});
}

TEST_CASE("height and width: images too small for the crop are named before the first step", "[plain]") {
  const TemporaryDirectory folder;
  check_refused(train(folder.path(),
                      {"--set", "input.height=8", "--set", "input.width=24", "--set", "input.crop=random"}),
                {"16x16 pixels", "less than the crop of 8x24", "resize >= 24"});
  check_refused(train(folder.path(), {"--set", "model.input_size=32", "--set", "input.height=8"}),
                {"model.input_size is 32x32 but the images are 8x16 (input.height and input.size)"});
}

TEST_CASE("stored floats: checkpoints that another program stored in 16 bits are evaluated, merged and run") {
  const TemporaryDirectory folder;
  const fs::path rounded = folder / "rounded.safetensors", half = folder / "half.safetensors";
  fs::copy_file(finished_run() / "last.safetensors", rounded);
  round_floats(rounded);
  write_with_floats_as("F16", rounded, half);
  CHECK(evaluate(half) == evaluate(rounded));
  merge_into(folder / "of_half", half);
  merge_into(folder / "of_rounded", rounded);
  CHECK(read_bytes(folder / "of_half") == read_bytes(folder / "of_rounded"));
  const auto predict = [](const fs::path& model) {
    const ProgramResult result = run_program("tern-predict", {model, some_digits(1).front(), "--json"});
    require_success(result);
    return result.out;
  };
  CHECK(predict(half) == predict(rounded));
}

}  // namespace
}  // namespace tern::test
