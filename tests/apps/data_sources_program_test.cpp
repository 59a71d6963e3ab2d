// Where images come from: a split of one folder, tables, folders of some classes.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using nlohmann::json;

json evaluate_on(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{finished_run() / "last.safetensors", "--threads", "1", "--json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const ProgramResult result = run_program("tern-evaluate", all);
  require_success(result);
  return json::parse(result.out);
}

/// A CSV of a folder's images in the order of an image folder.
std::string table_of(const fs::path& folder) {
  std::set<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.insert(entry.path());
  }
  std::string text = "label,file\n";
  for (const fs::path path : paths) {
    text += fmt::format("{},\"{}\"\n", path.parent_path().filename().string(), path.string());
  }
  return text;
}

TEST_CASE("tern-train: a share of the training images is kept for validation, the same one when resumed",
          "[plain]") {
  const TemporaryDirectory folder;
  const std::vector<std::string> settings = {"--set", "data.validation_split=0.2",
                                             "--set", "training.epochs=1",
                                             "--set", "data.path=" + digits().string()};
  const ProgramResult result = train(folder.path(), settings);
  require_success(result);
  CHECK_THAT(result.err, Contains("160 training images, 40 validation images, 10 classes"));
  std::vector<std::string> again = settings;
  again.insert(again.end(), {"--resume", "--set", "training.epochs=2"});
  require_success(train(folder.path(), again));
  again.insert(again.end(), {"--set", "data.validation_split=0.3"});
  check_refused(train(folder.path(), again), {"data.validation_split: 0.2 then, 0.3 now", "data.train"});
  check_refused(train(folder.path(), {"--set", "data.validation_split=0.2", "--set", "data.validation=val"}),
                {"data.validation is \"val\"", "it is not read"});
}

TEST_CASE("tern-train, tern-evaluate: a table of a folder's images is that folder") {
  const TemporaryDirectory folder;
  for (const char* part : {"train", "test"}) {
    folder.write(fmt::format("{}.csv", part), table_of(digits() / part));
  }
  require_success(
      train(folder.path(),
            {"--set", "data.format=csv", "--set", "data.path=" + folder.path().string(), "--set",
             "data.train=train.csv", "--set", "data.validation=test.csv", "--set", "data.path_column=file"}));
  CHECK(metrics_without_times(folder / "run") == metrics_without_times(finished_run()));
  CHECK(tensor_bytes(folder / "run/last.safetensors") == tensor_bytes(finished_run() / "last.safetensors"));
  CHECK(evaluate_on({"--format", "csv", "--data", folder / "test.csv", "--path-column", "file"}) ==
        evaluate_on({"--data", digits() / "test"}));
}

TEST_CASE("tern-evaluate: a folder of some of the classes is scored with the model's labels") {
  const TemporaryDirectory folder;
  const json all = evaluate_on({"--data", digits() / "test"});
  fs::create_directory(folder / "data");
  fs::copy(digits() / "test/7", folder / "data/7", fs::copy_options::recursive);
  fs::copy(digits() / "test/2", folder / "data/2", fs::copy_options::recursive);
  const json some = evaluate_on({"--data", folder / "data"});
  CHECK(some.at("confusion")[2] == all.at("confusion")[2]);
  CHECK(some.at("confusion")[7] == all.at("confusion")[7]);
  CHECK(some.at("confusion")[3] == json(std::vector<int>(10, 0)));
  CHECK(some.at("class_names") == all.at("class_names"));
  const ProgramResult text =
      run_program("tern-evaluate", {finished_run() / "last.safetensors", "--data", folder / "data"});
  CHECK_THAT(text.out, Contains("classes    2 of 10 have images"));
}

}  // namespace
}  // namespace tern::test
