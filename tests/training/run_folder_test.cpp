#include "tern/training/run_folder.h"

#include "tern/core/error.h"
#include "tests/data/data_error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/training/small_training.h"

namespace tern {
namespace {

using Catch::Contains;
using test::data_error_of;
using test::SmallTraining;
using test::TemporaryDirectory;
namespace fs = std::filesystem;

/// A folder with a checkpoint of step 7.
std::string folder_at_step_7(const TemporaryDirectory& directory, SmallTraining& small) {
  RunFolder folder(directory / "run");
  folder.open(small.network, small.optimizer);
  folder.save_last(small.network, small.optimizer, {.epoch = 1, .batch = 3, .step = 7, .loss_sum = 0.125});
  return folder.path();
}

TEST_CASE("run folder: a new run makes the folder, its configuration and its record") {
  const TemporaryDirectory directory;
  SmallTraining small;
  RunFolder folder(directory / "a/b", RunStart::anew, {.config = "{\"seed\": 1}\n"});
  CHECK(folder.open(small.network, small.optimizer).step == 0);
  CHECK(test::read_bytes(directory / "a/b/config.json") == "{\"seed\": 1}\n");
  CHECK(fs::exists(directory / "a/b/log.jsonl"));
  CHECK(fs::exists(directory / "a/b/metrics.csv"));
}

TEST_CASE("run folder: a run that is there already is not overwritten") {
  const TemporaryDirectory directory;
  SmallTraining small;
  const std::string path = folder_at_step_7(directory, small);
  CHECK_THAT(data_error_of([&] { RunFolder folder(path); }),
             Contains("holds a training run already; resume"));
}

TEST_CASE("run folder: files that a new run would overwrite are left alone") {
  for (const char* name :
       {"config.json", "metrics.csv", "log.jsonl", "confusion.csv", "report.html", "best.safetensors"}) {
    const TemporaryDirectory directory;
    directory.write(name, "the user's");
    CHECK_THAT(data_error_of([&] { RunFolder folder(directory.path()); }),
               Contains(fmt::format("holds a {}, but no checkpoint", name)));
    CHECK(test::read_bytes(directory / name) == "the user's");
  }
}

TEST_CASE("run folder: two runs cannot be in it at once") {
  const TemporaryDirectory directory;
  SmallTraining small;
  {
    RunFolder first(directory / "run");
    first.open(small.network, small.optimizer);
    CHECK_THAT(data_error_of([&] { RunFolder second(directory / "run", RunStart::resume); }),
               Contains("is in use by \"process "));
  }
  CHECK_NOTHROW(RunFolder(directory / "run", RunStart::resume));
}

TEST_CASE("run folder: before the first step there is a checkpoint to resume from") {
  const TemporaryDirectory directory;
  SmallTraining small;
  RunFolder(directory / "run").open(small.network, small.optimizer);
  SmallTraining other;
  other.network.named_parameters().front().second.mutable_value().copy_from(Tensor::full({2, 3}, 0.25F));
  CHECK(RunFolder(directory / "run", RunStart::resume).open(other.network, other.optimizer).step == 0);
  CHECK(other.weight() == small.weight());
}

TEST_CASE("run folder: a run that was killed before its first checkpoint can be started again") {
  const TemporaryDirectory directory;
  SmallTraining small;
  for (const char* name : {"run.lock", "state-0-0.safetensors", "last.safetensors.tmp"}) {
    fs::create_directories(directory / "run");
    test::write_bytes(directory / "run" / name, "half a file");
  }
  RunFolder folder(directory / "run");
  CHECK(folder.open(small.network, small.optimizer).step == 0);
  CHECK_FALSE(fs::exists(directory / "run/last.safetensors.tmp"));
}

TEST_CASE("run folder: metrics.csv is written anew from what the checkpoint knows") {
  const TemporaryDirectory directory;
  SmallTraining small;
  std::string csv;
  {
    RunFolder folder(directory / "run");
    folder.open(small.network, small.optimizer);
    EpochMetrics row;
    row.epoch = 1;
    row.step = 4;
    folder.save_epoch(small.network, small.optimizer, {.epoch = 1, .step = 4}, row, true);
    csv = test::read_bytes(directory / "run/metrics.csv");
  }
  CHECK_THAT(csv, Contains("\n1,4,"));
  for (const std::string& damage : {csv + csv, std::string("\0\0", 2), std::string()}) {
    test::write_bytes(directory / "run/metrics.csv", damage);
    RunFolder folder(directory / "run", RunStart::resume);
    folder.open(small.network, small.optimizer);
    CHECK(test::read_bytes(directory / "run/metrics.csv") == csv);
    CHECK(folder.log().metrics().epochs.size() == 1);
  }
}

TEST_CASE("run folder: a state of an older version, without the epoch in its name, is read") {
  const TemporaryDirectory directory;
  SmallTraining small;
  const std::string path = folder_at_step_7(directory, small);
  // It did not count the epochs since the best one either.
  const SafetensorsFile state = SafetensorsFile::open(directory / "run/state-1-7.safetensors");
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const std::string& name : state.names()) tensors.emplace_back(name, state.read(name));
  for (auto& [name, tensor] : tensors) {
    std::vector<std::int64_t> words =
        name == "progress" ? tensor.to_vector<std::int64_t>() : std::vector<std::int64_t>{};
    if (words.empty()) continue;
    words.resize(8);
    tensor = Tensor::from<std::int64_t>({8}, words);
  }
  write_safetensors(directory / "run/state-7.safetensors", state.metadata(), tensors);
  fs::remove(directory / "run/state-1-7.safetensors");
  RunFolder folder(path, RunStart::resume);
  CHECK(folder.open(small.network, small.optimizer).step == 7);
}

TEST_CASE("run folder: without a checkpoint there is nothing to resume, and no folder is made") {
  const TemporaryDirectory directory;
  CHECK_THAT(data_error_of([&] { RunFolder folder(directory / "run", RunStart::resume); }),
             Contains("there is no last.safetensors to resume from"));
  CHECK_FALSE(fs::exists(directory / "run"));
}

TEST_CASE("run folder: resuming gives network, optimiser and position back") {
  const TemporaryDirectory directory;
  SmallTraining small;
  small.network.named_parameters().front().second.mutable_value().copy_from(Tensor::full({2, 3}, 0.25F));
  const std::string path = folder_at_step_7(directory, small);
  SmallTraining other;
  const RunProgress progress = RunFolder(path, RunStart::resume).open(other.network, other.optimizer);
  CHECK(progress.step == 7);
  CHECK(progress.batch == 3);
  CHECK(progress.loss_sum == 0.125);
  CHECK(other.weight() == small.weight());
}

TEST_CASE("run folder: a checkpoint of another network is refused, and the record stays as it is") {
  const TemporaryDirectory directory;
  SmallTraining small;
  const std::string path = folder_at_step_7(directory, small);
  Linear other(3, 2);
  Adam optimizer(other.named_parameters(), {});
  const std::string record = test::read_bytes(directory / "run/metrics.csv");
  RunFolder folder(path, RunStart::resume, {.config = "{}"});
  CHECK_THAT(data_error_of([&] { folder.open(other, optimizer); }), Contains("linear.weight"));
  CHECK_FALSE(fs::exists(directory / "run/config.json"));
  CHECK(test::read_bytes(directory / "run/metrics.csv") == record);
}

TEST_CASE("run folder: the state of the last checkpoint is the only one that stays") {
  const TemporaryDirectory directory;
  SmallTraining small;
  RunFolder folder(directory / "run");
  folder.open(small.network, small.optimizer);
  for (const std::int64_t step : {5, 10}) {
    folder.save_last(small.network, small.optimizer, {.step = step});
  }
  CHECK_FALSE(fs::exists(directory / "run/state-0-5.safetensors"));
  CHECK(fs::exists(directory / "run/state-0-10.safetensors"));
}

TEST_CASE("run folder: a state that a killed process could not remove goes when the run is resumed") {
  const TemporaryDirectory directory;
  SmallTraining small;
  const std::string path = folder_at_step_7(directory, small);
  fs::copy(directory / "run/state-1-7.safetensors", directory / "run/state-1-5.safetensors");
  RunFolder(path, RunStart::resume).open(small.network, small.optimizer);
  CHECK_FALSE(fs::exists(directory / "run/state-1-5.safetensors"));
  CHECK(fs::exists(directory / "run/state-1-7.safetensors"));
}

TEST_CASE("run folder: models are written by the writer that it was given") {
  const TemporaryDirectory directory;
  SmallTraining small;
  std::string written;
  const ModelWriter writer = [&](const std::string& path, const Module& network, const Metadata& position) {
    written += fs::path(path).filename().string() + " of step " + position.at("step") + "; ";
    write_state_dict(path, network, position);
  };
  RunFolder folder(directory / "run", RunStart::anew, {.write_model = writer});
  folder.open(small.network, small.optimizer);
  folder.save_best(small.network, {.step = 2});
  folder.save_last(small.network, small.optimizer, {.step = 2});
  CHECK(written == "last.safetensors of step 0; best.safetensors of step 2; last.safetensors of step 2; ");
}

}  // namespace
}  // namespace tern
