// tern-train from the outside: what a run leaves behind, and which runs it refuses.
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
using Catch::StartsWith;
using nlohmann::json;

/// The paths of everything in `value` that is not a section; "model" is one field, whatever it holds.
std::vector<std::string> fields_of(const json& value, const std::string& path = "") {
  if (!value.is_object() || path == "model") return {path};
  std::vector<std::string> fields;
  for (const auto& [key, member] : value.items()) {
    const auto inner = fields_of(member, path.empty() ? key : path + "." + key);
    fields.insert(fields.end(), inner.begin(), inner.end());
  }
  return fields;
}

TEST_CASE("tern-train: leaves configuration, logs, report, checkpoints and one state behind") {
  const fs::path& run = finished_run();
  const auto steps = std::to_string(2 * kStepsPerEpoch);
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(run)) names.insert(entry.path().filename());
  CHECK(names == std::set<std::string>{"best.safetensors", "config.json", "confusion.csv", "last.safetensors",
                                       "log.jsonl", "metrics.csv", "report.html",
                                       "state-2-" + steps + ".safetensors"});

  const json config = json::parse(read_bytes(run / "config.json"));
  CHECK(config.at("training").at("batch_size") == kBatchSize);
  CHECK(config.at("seed") == 1);  // a default

  const auto metrics = lines_of(run / "metrics.csv");
  REQUIRE(metrics.size() == 3);
  CHECK_THAT(metrics[0], StartsWith("epoch,step,train_loss,") && Contains("zeros:features.3.conv1"));
  CHECK_THAT(metrics[2], StartsWith("2," + steps + ","));

  const auto log = lines_of(run / "log.jsonl");
  REQUIRE(log.size() == 2 * kStepsPerEpoch);
  for (std::size_t i = 0; i < log.size(); ++i) CHECK(json::parse(log[i]).at("step") == i + 1);
}

TEST_CASE("tern-train: the report draws its curves and the confusion matrix without any other file") {
  const std::string report = read_bytes(finished_run() / "report.html");
  CHECK_THAT(report, Contains("<svg") && Contains("batch_size") &&
                         Contains("Confusion matrix, validation after epoch ") &&
                         Contains("Accuracy per class"));
  CHECK(lines_of(finished_run() / "confusion.csv").at(0) == "true class,0,1,2,3,4,5,6,7,8,9");
  for (const char* link : {"src=", "href=", "url(", "@import", "<script"})
    CHECK_THAT(report, !Contains(link));
}

TEST_CASE("tern-train: the resolved configuration of a run gives the same run", "[plain]") {
  const TemporaryDirectory folder;
  ProgramOptions options;
  options.directory = folder.path();
  require_success(run_program("tern-train", {finished_run() / "config.json"}, options));
  CHECK(read_bytes(folder / "run/last.safetensors") == read_bytes(finished_run() / "last.safetensors"));
  CHECK(read_bytes(folder / "run/config.json") == read_bytes(finished_run() / "config.json"));
}

TEST_CASE("tern-train: the same seed gives the same bytes, another seed does not", "[plain]") {
  const TemporaryDirectory again, other;
  require_success(train(again.path()));
  for (const char* name : {"last.safetensors", "best.safetensors"}) {
    CHECK(read_bytes(again / "run" / name) == read_bytes(finished_run() / name));
  }
  require_success(train(other.path(), {"--set", "seed=2"}));
  CHECK(tensor_bytes(other / "run/last.safetensors") != tensor_bytes(finished_run() / "last.safetensors"));
}

TEST_CASE("tern-train: works with the threads that OpenMP gives", "[plain]") {
  for (const char* setting : {"OMP_DYNAMIC=true", "OMP_THREAD_LIMIT=1"}) {
    const TemporaryDirectory folder;
    write_bytes(folder / "config.json", small_config());
    ProgramOptions options;
    options.directory = folder.path();
    const std::string program = fs::path(TERN_PROGRAMS) / "tern-train";
    require_success(run_program("/bin/sh",
                                {"-c", fmt::format("exec env {} {} config.json --set threads=2 --set "
                                                   "training.epochs=1",
                                                   setting, program)},
                                options));
    CHECK(lines_of(folder / "run/metrics.csv").size() == 2);
  }
}

TEST_CASE("tern-train: the number of loader threads changes nothing, augmentation included", "[plain]") {
  const TemporaryDirectory folder;
  const auto train_with = [&folder](const std::string& workers) {
    require_success(train(
        folder.path(), {"--set", "input.crop=random", "--set", "input.padding=4", "--set", "input.flip=true",
                        "--set", "data.workers=" + workers, "--set", "output=run" + workers}));
    return tensor_bytes(folder / ("run" + workers) / "last.safetensors");
  };
  const auto one = train_with("1");
  CHECK(one == train_with("2"));
  CHECK(one == train_with("5"));
}

TEST_CASE("tern-train: does not write over a run") {
  const TemporaryDirectory folder;
  fs::copy(finished_run(), folder / "run");
  check_refused(train(folder.path()), {"run: holds a training run already", "--resume"});
  CHECK(read_bytes(folder / "run/last.safetensors") == read_bytes(finished_run() / "last.safetensors"));
  CHECK(read_bytes(folder / "run/metrics.csv") == read_bytes(finished_run() / "metrics.csv"));
}

TEST_CASE("tern-train: --resume without a run is refused and makes no folder") {
  const TemporaryDirectory folder;
  check_refused(train(folder.path(), {"--resume"}), {"run: there is no last.safetensors to resume from"});
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: --summary prints every layer and the totals, and trains nothing") {
  const TemporaryDirectory folder;
  const ProgramResult result = train(folder.path(), {"--summary"});
  require_success(result);
  for (const char* layer : {"features.0 ", "features.4.conv2 ", "fc "})
    CHECK_THAT(result.out, Contains(layer));
  // Stem 3*8*9, pairs 2*(8*8 + 8*8 + 8*16 + 16*16)*9, batch norms 4 and PReLUs 1 a channel, head 16*10+10.
  CHECK_THAT(result.out, Contains("total: 10042 parameters"));
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: --memory prints what training keeps per image, and trains nothing") {
  const TemporaryDirectory folder;
  const bool narrow = GENERATE(false, true);
  const ProgramResult result =
      train(folder.path(), {"--memory", "--set", narrow ? "precision=bf16" : "precision=fp32"});
  const int element = narrow ? 2 : 4;
  require_success(result);
  // 3 channels; inputs and outputs of the convolutions of 8, 8, then 16 channels at half the
  // size. A row of up to 64 packed channels takes 16 bytes.
  constexpr int kPixels = kImageSize * kImageSize, kHalf = kPixels / 4;
  const auto megabytes = [](int bytes) { return fmt::format(" {:.3f} MB\n", bytes / 1e6); };
  CHECK_THAT(result.out, Contains("input") && Contains(megabytes(kPixels * 3 * element)));
  CHECK_THAT(result.out, Contains("ternary") && Contains(megabytes(16 * (3 * kPixels + kHalf))));
  CHECK_THAT(result.out, Contains("integer") && Contains(megabytes(2 * (2 * 8 * kPixels + 2 * 16 * kHalf))));
  // Three inputs of 8 channels, the pooled and padded shortcut, the input of the last convolution, and what
  // the head has, always in f32, for 16 features and 10 classes.
  const int stream = element * (3 * 8 * kPixels + 2 * 16 * kHalf) + 4 * (16 + 10);
  CHECK_THAT(result.out, Contains("activation") && Contains(megabytes(stream)));
  CHECK_THAT(result.out, Contains("index") && Contains(megabytes(8 * kHalf + 8)));
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: --benchmark measures steps from the first loss on, and leaves nothing behind") {
  const TemporaryDirectory folder;
  const ProgramResult result = train(folder.path(), {"--benchmark", "2", "--set", "device=cpu"});
  require_success(result);
  const json speed = json::parse(result.out);
  CHECK(speed.at("device") == "cpu");
  CHECK(std::abs(speed.at("first_loss").get<double>() - std::log(10.0)) <
        0.3);  // of a network that knows nothing
  CHECK(speed.at("images_per_second").get<double>() > 0);
  CHECK(speed.at("peak_memory_bytes").get<double>() >
        kBatchSize * kImageSize * kImageSize * 3 * sizeof(float));
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: --help-config lists every field of a run's configuration") {
  const ProgramResult result = run_program("tern-train", {"--help-config"});
  require_success(result);
  const auto fields = fields_of(json::parse(read_bytes(finished_run() / "config.json")));
  CHECK(fields.size() > 40);
  for (const std::string& field : fields) CHECK_THAT("\n" + result.out, Contains("\n" + field + ": "));
  const ProgramResult section = run_program("tern-train", {"--help-config", "schedule"});
  require_success(section);
  CHECK_THAT(section.out, Contains("schedule.warmup: ") && Contains("\"schedule\": {") && !Contains("seed"));
  check_refused(run_program("tern-train", {"--help-config", "config.json"}), {"config.json: no section"});
}

}  // namespace
}  // namespace tern::test
