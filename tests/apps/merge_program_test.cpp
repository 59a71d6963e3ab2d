// From a trained pair to the merged model, and the same answers from both.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using nlohmann::json;

TEST_CASE("tern-merge: the merged model gives the answers of its pair and is a fraction of its size") {
  const TemporaryDirectory folder;
  const fs::path pair = finished_run() / "best.safetensors", merged = folder / "merged.safetensors";
  const ProgramResult result = run_program("tern-merge", {pair, "-o", merged, "--check"});
  require_success(result);
  CHECK_THAT(result.out, Contains("check: 320 logits of 32 random images are equal to the bit"));
  CHECK(fs::file_size(merged) * 4 < fs::file_size(pair));

  const json of_pair = evaluate(pair), of_merged = evaluate(merged, {"--layers"});
  CHECK(of_pair.at("images") == kTestImages);
  CHECK(of_pair == of_merged);  // loss, accuracies and confusion matrix

  const auto tensors = tensor_bytes(merged);
  CHECK(tensors.count("features.4.conv1.weight.trits") == 1);
  CHECK(tensors.count("features.4.conv1_1.weight") == 0);
}

TEST_CASE("tern-evaluate: the packed engine gives the classes of the layers") {
  const TemporaryDirectory folder;
  const fs::path merged = folder / "merged.safetensors";
  require_success(run_program("tern-merge", {finished_run() / "best.safetensors", "-o", merged}));
  const json by_layers = evaluate(merged, {"--device", "cpu", "--layers"}),
             by_engine = evaluate(merged, {"--device", "cpu"});
  CHECK(by_engine.at("confusion") == by_layers.at("confusion"));
  // The stem rounds in another order.
  CHECK(by_engine.at("loss").get<double>() == Approx(by_layers.at("loss").get<double>()).epsilon(1e-4));
}

TEST_CASE("tern-evaluate: --flip reports what flips give beside what the images alone give") {
  const fs::path model = finished_run() / "best.safetensors";
  json result = evaluate(model, {"--flip"});
  const json flipped = result.at("with_flips");
  CHECK(flipped.at("loss") != result.at("loss"));
  CHECK(flipped.at("top1").get<double>() == flipped.at("correct").get<double>() / kTestImages);
  result.erase("with_flips");
  CHECK(result == evaluate(model));
  const ProgramResult text = run_program("tern-evaluate", {model, "--data", digits() / "test", "--flip"});
  require_success(text);
  CHECK_THAT(text.out, Contains("with test-time flips"));
  CHECK_THAT(text.out, Contains(fmt::format("top-1      {:.2f} %", 100 * flipped.at("top1").get<double>())));
  const ProgramResult both =
      run_program("tern-evaluate", {model, "--data", digits(), "--flip", "--compare", model});
  CHECK(both.exit_code == 2);
  CHECK_THAT(both.err, Contains("--flip excludes --compare"));
}

TEST_CASE("tern-evaluate: the confusion matrix agrees with the counts, for any size of batch") {
  const json result = evaluate(finished_run() / "last.safetensors");
  std::int64_t total = 0, correct = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    for (std::size_t j = 0; j < 10; ++j) total += result.at("confusion")[i][j].get<std::int64_t>();
    correct += result.at("confusion")[i][i].get<std::int64_t>();
  }
  CHECK(total == kTestImages);
  CHECK(correct == result.at("correct"));
  CHECK(result.at("top1").get<double>() == static_cast<double>(correct) / kTestImages);
  CHECK(result.at("top5").get<double>() >= result.at("top1").get<double>());

  const json in_sevens = evaluate(finished_run() / "last.safetensors", {"--batch-size", "7"});
  CHECK(in_sevens.at("confusion") == result.at("confusion"));
}

TEST_CASE("tern-evaluate: agrees with the validation of the training run") {
  const auto columns = split_at_commas(lines_of(finished_run() / "metrics.csv").at(0));
  const auto last = split_at_commas(lines_of(finished_run() / "metrics.csv").at(2));
  REQUIRE(columns.at(5) == "validation_accuracy");
  CHECK(evaluate(finished_run() / "last.safetensors").at("top1").get<double>() == std::stod(last.at(5)));
}

TEST_CASE("tern-evaluate: prints a table for people") {
  const ProgramResult result = run_program(
      "tern-evaluate", {finished_run() / "last.safetensors", "--data", digits() / "test", "--threads", "1"});
  require_success(result);
  CHECK_THAT(result.out, Contains("images     60") && Contains("top-1") && Contains("confusion"));
}

TEST_CASE("tern-evaluate: refuses data of other classes than the model's") {
  const TemporaryDirectory folder;
  fs::copy(digits() / "test", folder / "data", fs::copy_options::recursive);
  fs::rename(folder / "data/3", folder / "data/three");
  check_refused(run_program("tern-evaluate", {finished_run() / "last.safetensors", "--data", folder / "data",
                                              "--threads", "1"}),
                {"classes are not those of the model", "three", "a folder per class"});
}

TEST_CASE("tern-merge: a network in floats is written as it is, and every program runs it") {
  const TemporaryDirectory folder;
  const fs::path trained = folder / "run/last.safetensors", model = folder / "model.safetensors";
  require_success(train(folder.path(), {"--set", "model.block=basic", "--set", "training.epochs=1"}));
  merge_into(model, trained);
  CHECK(tensor_bytes(model).count("layer1.0.conv1.weight") == 1);
  const json by_engine = evaluate(model, {"--device", "cpu"});
  CHECK(by_engine.at("confusion") == evaluate(trained).at("confusion"));
  require_success(run_program("tern-predict", {model, some_digits(1).front()}));
  const fs::path onnx = folder / "model.onnx";
  require_success(run_program("tern-merge", {trained, "-o", onnx, "--format", "onnx"}));
  CHECK(fs::file_size(onnx) > fs::file_size(model) / 2);
  const ProgramResult compared =
      run_program("tern-evaluate", {trained, "--data", digits() / "test", "--compare", model});
  require_success(compared);
  CHECK_THAT(compared.out, Contains("all 600 equal to the bit"));
}

TEST_CASE("tern-merge: refuses what is merged already, and writes nothing") {
  const TemporaryDirectory folder;
  const fs::path merged = folder / "merged.safetensors", again = folder / "again.safetensors";
  require_success(run_program("tern-merge", {finished_run() / "last.safetensors", "-o", merged}));
  check_refused(run_program("tern-merge", {merged, "-o", again}), {"merged already"});
  CHECK_FALSE(fs::exists(again));
}

TEST_CASE("tern-merge: --stem int16 marks a model, merged before or not, and --check says what it changes") {
  const TemporaryDirectory folder;
  const fs::path pair = finished_run() / "best.safetensors", merged = folder / "merged.safetensors",
                 integers = folder / "int16.safetensors", again = folder / "again.safetensors";
  const ProgramResult result =
      run_program("tern-merge", {pair, "-o", integers, "--stem", "int16", "--check"});
  require_success(result);
  CHECK_THAT(result.out, Contains("equal to the bit") && Contains("with its stem in int16"));
  require_success(run_program("tern-merge", {pair, "-o", merged}));
  require_success(run_program("tern-merge", {merged, "-o", again, "--stem", "int16"}));
  CHECK(tensor_bytes(again) == tensor_bytes(merged));
  CHECK(evaluate(again, {"--device", "cpu"}) == evaluate(integers, {"--device", "cpu"}));
  CHECK(evaluate(integers, {"--layers"}) == evaluate(merged, {"--layers"}));
  const ProgramResult onnx =
      run_program("tern-merge", {pair, "-o", again, "--format", "onnx", "--stem", "int16"});
  CHECK(onnx.exit_code == 2);
  CHECK_THAT(onnx.err, Contains("--stem"));
}

TEST_CASE("tern-train: a merged network is not for training") {
  const TemporaryDirectory folder;
  check_refused(train(folder.path(), {"--set", "model.block=ternary"}),
                {"model.block: \"ternary\" is not one of basic, bottleneck, sttn"});
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-evaluate: --predictions writes the class of every image, in one piece") {
  const TemporaryDirectory folder;
  const fs::path table = folder / "predictions.csv", model = finished_run() / "last.safetensors";
  const json result = evaluate(model, {"--predictions", table});
  const auto rows = lines_of(table);
  REQUIRE(rows.size() == 1 + kTestImages);
  CHECK(rows[0] == "path,label,prediction,probability");
  int correct = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto cells = split_at_commas(rows[i]);
    REQUIRE(cells.size() == 4);
    CHECK(fs::path(cells[0]).parent_path().filename() == cells[1]);
    CHECK(std::stod(cells[3]) > 0.1 - 1e-6);  // the largest of ten
    correct += cells[1] == cells[2] ? 1 : 0;
  }
  CHECK(correct == result.at("correct").get<int>());
  check_refused(run_program("tern-evaluate", {model, "--data", digits() / "test", "--predictions", model}),
                {"--predictions: ", "is the file that is read"});
  check_refused(
      run_program("tern-evaluate", {model, "--data", digits() / "test", "--predictions", folder / "no/x"}),
      {"no/x"});
}

TEST_CASE("programs: --help explains, a wrong command line is exit code 2 with a hint") {
  for (const std::string program : {"tern-train", "tern-merge", "tern-evaluate", "tern-data"}) {
    INFO(program);
    const ProgramResult help = run_program(program, {"--help"});
    CHECK(help.exit_code == 0);
    CHECK_THAT(help.out, Contains("Usage: " + program));
    CHECK(help.err.empty());
    std::istringstream lines(help.out);
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK((line.size() <= 80 || line.find(' ', line.find_first_not_of(' ')) == std::string::npos));
    }
    const ProgramResult version = run_program(program, {"--version"});
    require_success(version);
    CHECK_THAT(version.out, Catch::StartsWith(program + " 0.") && Contains("\ncommit  ") &&
                                Contains("\nCUDA  ") && Contains("\nMPI  ") &&
                                Contains("\ninstruction set  "));
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{}, {"--no-such-option"}, {"a", "b", "c", "d", "e"}}) {
      const ProgramResult usage = run_program(program, arguments);
      CHECK(usage.exit_code == 2);
      CHECK(usage.out.empty());
      CHECK_THAT(usage.err, Contains(program + ": error: ") && Contains(program + " --help"));
    }
  }
}

TEST_CASE("tern-evaluate: a wrong value of an option is a wrong command line") {
  for (const auto& [option, value] : std::map<std::string, std::string>{
           {"--bad-images", "ignore"}, {"--split", "all"}, {"--format", "zip"}, {"--batch-size", "0"}}) {
    const ProgramResult result = run_program("tern-evaluate", {"model", "--data", "data", option, value});
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, Contains(option));
  }
  const ProgramResult result = run_program("tern-evaluate", {"model", "--data", "data", "--threads", "-1"});
  CHECK_THAT(result.err, Contains("-1 not in range 0 to 1024"));
}

}  // namespace
}  // namespace tern::test
