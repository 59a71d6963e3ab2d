#include "tests/apps/small_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tern/core/format.h"
#include "tern/core/safetensors.h"
#include "tern/data/image_file.h"
#include "tern/data/jpeg.h"
#include "tern/data/resize.h"
#include "tests/support/catch.h"
#include "tests/support/shared_folder.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {

namespace fs = std::filesystem;

namespace {

void shrink(const fs::path& jpeg) {
  const Image image = resize(view_of(read_image(jpeg)), kImageSize, kImageSize, Interpolation::bilinear);
  const std::vector<std::uint8_t> bytes = encode_jpeg(image, 95);
  write_bytes(jpeg, std::string(bytes.begin(), bytes.end()));
}

}  // namespace

const fs::path& digits() {
  static const fs::path folder = shared_folder("digits", [](const fs::path& made) {
    require_success(run_program("tern-data", {"digits", made, "--train", std::to_string(kTrainingImages),
                                              "--test", std::to_string(kTestImages)}));
    for (const auto& entry : fs::recursive_directory_iterator(made)) {
      if (entry.path().extension() == ".jpg") shrink(entry.path());
    }
  });
  return folder;
}

std::vector<std::string> some_digits(int count) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(digits() / "test")) {
    if (entry.is_regular_file() && static_cast<int>(paths.size()) < count) paths.push_back(entry.path());
  }
  return paths;
}

fs::path merge_into(const fs::path& merged, const fs::path& checkpoint) {
  const ProgramResult result = run_program("tern-merge", {checkpoint, "-o", merged, "--check"});
  require_success(result);
  CHECK_THAT(result.out, Catch::Contains("logits of 32 random images are equal to the bit"));
  return merged;
}

std::string small_config() {
  return fmt::format(R"({{
    "output": "run",
    "threads": 1,
    "data": {{"format": "image_folder", "path": "{}", "workers": 1}},
    "input": {{"size": {}}},
    "model": {{"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8, 16], "depths": [1, 1]}},
    "training": {{"epochs": 2, "batch_size": {}}},
    "optimizer": {{"name": "sgd", "lr": 0.01}},
    "log": {{"every_steps": 1}}
  }})",
                     digits().string(), kImageSize, kBatchSize);
}

ProgramResult train(const fs::path& directory, const std::vector<std::string>& arguments,
                    ProgramOptions options) {
  write_bytes(directory / "config.json", small_config());
  std::vector<std::string> all{"config.json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  options.directory = directory;
  return run_program("tern-train", all, options);
}

ProgramOptions signal_after(int signal, std::size_t steps, const fs::path& folder) {
  ProgramOptions options;
  options.signal = signal;
  options.signal_when = [log = folder / "run/log.jsonl", steps] { return lines_of(log).size() >= steps; };
  return options;
}

fs::path trained_once(const std::string& name, const std::vector<std::string>& arguments) {
  return shared_folder(name, [&](const fs::path& folder) { require_success(train(folder, arguments)); }) /
         "run";
}

fs::path merged_once(const std::string& name, const fs::path& checkpoint) {
  const auto merge = [&](const fs::path& folder) { merge_into(folder / "merged.safetensors", checkpoint); };
  return shared_folder(name, merge) / "merged.safetensors";
}

const fs::path& finished_run() {
  static const fs::path run = trained_once("finished", {});
  return run;
}

nlohmann::json evaluate(const fs::path& model, const std::vector<std::string>& arguments) {
  std::vector<std::string> all{model, "--data", digits() / "test", "--threads", "1", "--json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const ProgramResult result = run_program("tern-evaluate", all);
  require_success(result);
  return nlohmann::json::parse(result.out);
}

void check_evaluated_alike(const fs::path& checkpoint, const fs::path& merged) {
  const nlohmann::json pair = evaluate(checkpoint);
  CHECK(evaluate(merged, {"--layers"}) == pair);
  CHECK(evaluate(merged, {"--device", "cpu"}).at("confusion") == pair.at("confusion"));
}

void check_classified_alike(const fs::path& merged) {
  const std::string image = some_digits(1).front();
  const ProgramResult result = run_program("tern-predict", {merged, image, "--top", "1", "--json"});
  require_success(result);
  const nlohmann::json best = nlohmann::json::parse(result.out)[0].at("predictions")[0];
  const ProgramResult classified = run_program("classify", {merged, image});
  require_success(classified);
  std::istringstream line(classified.out);
  std::string index, name, logit;
  line >> index >> name >> logit;
  CHECK(index == std::to_string(best.at("index").get<int>()));
  CHECK(std::stod(logit) == Approx(best.at("logit").get<double>()).epsilon(1e-5));
}

std::map<std::string, std::string> tensor_bytes(const fs::path& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  const std::string bytes = read_bytes(path);
  std::map<std::string, std::string> tensors;
  for (const std::string& name : file.names()) {
    const TensorInfo& info = file.info(name);
    tensors[name] = fmt::format("{} ", info.shape) + bytes.substr(info.begin, info.end - info.begin);
  }
  return tensors;
}

namespace {

// A copy of a file whose metadata and tensors go through `change` first.
template <class Change>
void rewrite(const fs::path& from, const fs::path& to, const Change& change) {
  const SafetensorsFile file = SafetensorsFile::open(from);
  Metadata metadata = file.metadata();
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const std::string& name : file.names()) tensors.emplace_back(name, file.read(name));
  change(metadata, tensors);
  write_safetensors(to, metadata, tensors);
}

}  // namespace

void rewrite_metadata(const fs::path& from, const fs::path& to, const std::string& key,
                      const std::string& value) {
  rewrite(from, to, [&](Metadata& metadata, auto&) { metadata[key] = value; });
}

void rewrite_tensor(const fs::path& from, const fs::path& to, const std::string& name, const Tensor& tensor) {
  rewrite(from, to, [&](Metadata&, auto& tensors) {
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const auto& entry) { return entry.first == name; });
    REQUIRE(found != tensors.end());
    found->second = tensor;
  });
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> split_at_commas(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream rest(line);
  for (std::string cell; std::getline(rest, cell, ',');) cells.push_back(cell);
  return cells;
}

void check_refused(const ProgramResult& result, const std::vector<std::string>& pieces) {
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK(result.out.empty());
  CHECK_THAT(result.err, Catch::Contains(": error: "));
  for (const std::string& piece : pieces) CHECK_THAT(result.err, Catch::Contains(piece));
}

std::vector<std::string> metrics_without_times(const fs::path& run) {
  std::vector<std::string> lines = lines_of(run / "metrics.csv");
  REQUIRE_FALSE(lines.empty());
  const std::vector<std::string> columns = split_at_commas(lines.front());
  for (std::string& line : lines) {
    std::vector<std::string> kept, cells = split_at_commas(line);
    REQUIRE(cells.size() == columns.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (columns[i] != "seconds" && columns[i] != "images_per_second") kept.push_back(cells[i]);
    }
    line = fmt::format("{}", fmt::join(kept, ","));
  }
  return lines;
}

void check_same_as_undisturbed(const fs::path& run, const fs::path& undisturbed) {
  for (const char* name : {"last.safetensors", "best.safetensors", "confusion.csv", "config.json"}) {
    INFO(name);
    CHECK(read_bytes(run / name) == read_bytes(undisturbed / name));
  }
  CHECK(metrics_without_times(run) == metrics_without_times(undisturbed));
  CHECK(lines_of(run / "log.jsonl").size() == lines_of(undisturbed / "log.jsonl").size());
}

void require_success(const ProgramResult& result) {
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
}

}  // namespace tern::test
