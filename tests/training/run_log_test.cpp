#include "tern/training/run_log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;
namespace fs = std::filesystem;

const std::vector<std::string> kLayers = {"a.conv1", "a.conv2"};

struct Folder {
  std::string path;

  Folder() {
    std::string name = (fs::temp_directory_path() / "tern_run_log_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }

  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path + "/" + name, std::ios::binary).rdbuf();
    return text.str();
  }
  void append(const std::string& name, const std::string& text) const {
    std::ofstream(path + "/" + name, std::ios::binary | std::ios::app) << text;
  }
  /// log.jsonl without its times, and metrics.csv.
  std::string record() const {
    const std::string start = ",\"time\":\"";
    std::string log = read("log.jsonl");
    for (auto at = log.find(start); at != std::string::npos; at = log.find(start, at)) {
      log.erase(at, log.find('}', at) - at);
    }
    return log + read("metrics.csv");
  }
};

EpochMetrics epoch(std::int64_t number) {
  const auto n = static_cast<double>(number);
  return {number, number * 10, 2.0 / n, 0.1 * n, 2.5 / n, 0.09 * n, 0.005, 800.0, 12.5, {0.25, 0.125 * n}};
}

/// What a run writes in the steps from `first` to `last`, of which ten make an epoch.
void write_steps(RunLog& log, std::int64_t first, std::int64_t last) {
  for (std::int64_t step = first; step <= last; ++step) {
    log.event("step", step, {{"loss", 1.0 / static_cast<double>(step)}});
    if (step % 10 == 0) log.epoch(epoch(step / 10));
  }
}

TEST_CASE("run_log: an event is a line of JSON, an epoch a row") {
  Folder folder;
  RunLog log(folder.path, kLayers);
  log.event("checkpoint", 7,
            {{"path", "a\"b"}, {"loss", 0.1}, {"best", true}, {"epoch", std::int64_t{2}}, {"bad", NAN}});
  log.epoch({1, 10, 0.1, 0.5, NAN, NAN, 0.005, 800.0, 12.5, {0.25, 0.75}});
  CHECK(folder.record() ==
        "{\"event\":\"checkpoint\",\"step\":7,\"path\":\"a\\\"b\",\"loss\":0.1,\"best\":true,\"epoch\":2,"
        "\"bad\":null}\n"
        "epoch,step,train_loss,train_accuracy,validation_loss,validation_accuracy,lr,images_per_second,"
        "seconds,zeros,zeros:a.conv1,zeros:a.conv2\n"
        "1,10,0.1,0.5,,,0.005,800,12.5,0.5,0.25,0.75\n");
  const std::string log_text = folder.read("log.jsonl");
  const std::string time = log_text.substr(log_text.find("\"time\":"));
  CHECK(time.size() == std::string("\"time\":\"2000-01-01T00:00:00Z\"}\n").size());
  CHECK_THAT(time, StartsWith("\"time\":\"20") && EndsWith("Z\"}\n"));
}

TEST_CASE("run_log: a row reads back exactly") {
  const EpochMetrics row = epoch(3);
  const EpochMetrics again = parse_metrics_csv_row(metrics_csv_row(row), 2, "m.csv");
  CHECK(again.step == 30);
  CHECK(again.train_loss == row.train_loss);
  CHECK(again.zeros == row.zeros);
  const EpochMetrics none = parse_metrics_csv_row("1,2,,,,,,,,", 0, "m.csv");
  CHECK(std::isnan(none.validation_accuracy));
  CHECK(std::isnan(none.mean_zeros()));
}

TEST_CASE("run_log: resuming at any step leaves the record of a run that never stopped") {
  Folder whole;
  {
    RunLog log(whole.path, kLayers);
    write_steps(log, 1, 30);
  }
  for (const std::int64_t checkpoint : {1, 9, 10, 15, 20, 30}) {
    CAPTURE(checkpoint);
    Folder folder;
    {
      RunLog log(folder.path, kLayers);
      write_steps(log, 1, 30);
    }
    RunLog log(folder.path, kLayers, checkpoint);
    CHECK(log.metrics().epochs.size() == static_cast<std::size_t>(checkpoint / 10));
    write_steps(log, checkpoint + 1, 30);
    CHECK(folder.record() == whole.record());
    CHECK(log.metrics().epochs.size() == 3);
  }
}

TEST_CASE("run_log: a line cut short by a crash is dropped when resuming") {
  Folder folder;
  std::string before;
  {
    RunLog log(folder.path, kLayers);
    write_steps(log, 1, 10);
    before = folder.record();
  }
  folder.append("log.jsonl", "{\"event\":\"st");
  folder.append("metrics.csv", "2,20,0.");
  RunLog log(folder.path, kLayers, 10);
  CHECK(folder.record() == before);
}

TEST_CASE("run_log: starting anew clears both files") {
  Folder folder;
  {
    RunLog log(folder.path, kLayers);
    write_steps(log, 1, 10);
  }
  RunLog log(folder.path, {});
  CHECK(folder.record() ==
        "epoch,step,train_loss,train_accuracy,validation_loss,validation_accuracy,lr,images_per_second,"
        "seconds,zeros\n");
}

TEST_CASE("run_log: resuming where the files are gone begins them") {
  Folder folder;
  RunLog log(folder.path, kLayers, 10);
  write_steps(log, 11, 20);
  CHECK_THAT(folder.record(), Contains("\"step\":11") && Contains("epoch,step") && Contains("\n2,20,"));
}

TEST_CASE("run_log: a damaged record is refused with file and line, and left as it is") {
  Folder folder;
  {
    RunLog log(folder.path, kLayers);
    write_steps(log, 1, 10);
  }
  SECTION("log") {
    folder.append("log.jsonl", "garbage\n");
    CHECK_THROWS_WITH(RunLog(folder.path, kLayers, 10), Contains("log.jsonl, line 11: not an event"));
    CHECK_THAT(folder.read("log.jsonl"), Contains("garbage"));
  }
  SECTION("cell") {
    folder.append("metrics.csv", "2,20,x,0,0,0,0,0,0,0,0,0\n");
    CHECK_THROWS_WITH(RunLog(folder.path, kLayers, 20),
                      Contains("metrics.csv, line 3: column 3: expected a number, got \"x\""));
  }
  SECTION("columns") {
    folder.append("metrics.csv", "2,20\n");
    CHECK_THROWS_WITH(RunLog(folder.path, kLayers, 20), Contains("line 3: 2 columns, expected 12"));
  }
  SECTION("other layers") {
    CHECK_THROWS_WITH(RunLog(folder.path, {"b"}, 10), Contains("not those of this network"));
  }
}

TEST_CASE("run_log: what cannot be written is an error") {
  CHECK_THROWS_WITH(RunLog("no/such/folder", kLayers), Contains("no/such/folder/log.jsonl: cannot open"));
  Folder folder;
  fs::create_symlink("/dev/full", folder.path + "/log.jsonl");
  {
    RunLog log(folder.path, kLayers);
    CHECK_THROWS_WITH(log.event("step", 1), Contains("log.jsonl: cannot write: No space left on device"));
  }
  fs::remove(folder.path + "/log.jsonl");
  REQUIRE(mkfifo((folder.path + "/log.jsonl").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(RunLog(folder.path, kLayers), Contains("log.jsonl: is a pipe"));
}

TEST_CASE("run_log: wrong number of layers, unusable layer name") {
  Folder folder;
  RunLog log(folder.path, {"only"});
  CHECK_THROWS_AS(log.epoch(epoch(1)), ShapeError);
  CHECK_THROWS_AS(RunLog(folder.path, {"a,b"}), ConfigError);
}

}  // namespace
}  // namespace tern
