// Configurations that tern-train must refuse: each names the key's path and writes nothing.
#include <nlohmann/json.hpp>

#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;

ProgramResult train_text(const TemporaryDirectory& folder, const std::string& config) {
  folder.write("bad.json", config);
  ProgramOptions options;
  options.directory = folder.path();
  return run_program("tern-train", {"bad.json"}, options);
}

/// small_config() with `from` replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string text = small_config();
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("tern-train: bad configuration files are refused with the path of the key") {
  struct Case {
    const char* from;
    const char* to;
    std::vector<std::string> message;
  };
  const std::vector<Case> cases{
      {"\"epochs\": 2", "\"epoch\": 2", {"training.epoch: unknown key", "did you mean training.epochs?"}},
      {"\"threads\": 1", "\"thread\": 1", {"thread: unknown key", "did you mean threads?"}},
      {"\"epochs\": 2", "\"epochs\": 2, \"epochs\": 3", {"training.epochs: duplicate key"}},
      {"\"epochs\": 2", "\"epochs\": \"2\"", {"training.epochs: expected an integer", "\"2\""}},
      {"\"epochs\": 2", "\"epochs\": 2.5", {"training.epochs: expected an integer", "2.5"}},
      {"\"epochs\": 2", "\"epochs\": 0", {"training.epochs: expected an integer >= 1", "0"}},
      {"\"lr\": 0.01", "\"lr\": -1", {"optimizer.lr: expected a number > 0", "-1"}},
      {"\"name\": \"sgd\"", "\"name\": \"sdg\"", {"optimizer.name: expected one of \"sgd\"", "\"sdg\""}},
      {"\"optimizer\": {\"name\": \"sgd\", \"lr\": 0.01}",
       "\"optimizer\": \"sgd\"",
       {"optimizer: expected an object"}},
      {"\"output\": \"run\",", "", {"missing: output"}},
      {"\"widths\": [8, 16]", "\"width\": [8, 16]", {"model", "width", "widths"}},
      {"\"widths\": [8, 16]", "\"widths\": [8, -16]", {"model", "widths", "-16"}},
      {"\"widths\": [8, 16]", "\"widths\": [8]", {"model", "widths", "depths"}},
      {"\"stem\": \"cifar\"", "\"stem\": \"cifar\", \"classes\": 7", {"model.classes is 7", "10 classes"}},
      {"\"epochs\": 2", "\"epochs\": 2,", {"bad.json"}},
  };
  const TemporaryDirectory folder;
  for (const Case& bad : cases) {
    INFO(bad.to);
    check_refused(train_text(folder, with(bad.from, bad.to)), bad.message);
  }
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: a file that is no configuration is refused with its name") {
  const TemporaryDirectory folder;
  check_refused(train_text(folder, ""), {"bad.json"});
  check_refused(train_text(folder, "[1, 2]"), {"bad.json", "expected an object"});
  check_refused(train_text(folder, "\xff\xfe\x01"), {"bad.json"});
  check_refused(run_program("tern-train", {folder / "none.json"}), {"none.json", "No such file"});
  check_refused(run_program("tern-train", {folder.path()}), {"is a folder"});
}

TEST_CASE("tern-train: --set changes any field, nested and free ones too") {
  const TemporaryDirectory folder;
  require_success(
      train(folder.path(), {"--set", "output=other", "--set", "model.widths=[4,8]", "--set",
                            "training.epochs=1", "--set=seed=7", "--set", "input.mean=[0.5, 0.5, 0.5]"}));
  const auto config = nlohmann::json::parse(read_bytes(folder / "other/config.json"));
  CHECK(config.at("seed") == 7);
  CHECK(config.at("model").at("widths") == nlohmann::json{4, 8});
  CHECK(config.at("input").at("mean") == nlohmann::json{0.5, 0.5, 0.5});
  CHECK(config.at("training").at("epochs") == 1);
}

TEST_CASE("tern-train: bad --set values are refused as those of the file are") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases{
      {"training.epochs", {"--set training.epochs: expected a.b=value"}},
      {"trainin.epochs=1", {"trainin.epochs: unknown key", "training.epochs"}},
      {"training.epochs=many", {"training.epochs: expected an integer"}},
      {"input.mean=[1,2]", {"input.mean: expected a list of 3 numbers", "got 2"}},
      {"input.channels=2", {"input.channels: expected 1 or 3, got 2"}},
      {"model.input_channels=1", {"model: its number of input channels is 1, but input.channels is 3"}},
      {"data.workers=0", {"data.workers: expected an integer >= 1"}},
      {"device=tpu", {"device: expected auto, cpu, cuda or cuda:N", "tpu"}},
      {"training.batch_size=1000", {"200 samples make no batch of 1000"}},
  };
  const TemporaryDirectory folder;
  for (const auto& [assignment, message] : cases) {
    INFO(assignment);
    check_refused(train(folder.path(), {"--set", assignment}), message);
  }
  CHECK_FALSE(fs::exists(folder / "run"));
}

}  // namespace
}  // namespace tern::test
