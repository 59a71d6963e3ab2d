// Runs of tern-train that are stopped, killed or blow up, and what --resume makes of them.
#include <signal.h>
#include <unistd.h>

#include "tern/core/file_lock.h"
#include "tern/core/safetensors.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;

int step_of(const fs::path& checkpoint) {
  return std::stoi(SafetensorsFile::open(checkpoint).metadata().at("step"));
}

TEST_CASE("tern-train: stopped by a signal within an epoch and resumed, it ends with the same bytes",
          "[plain]") {
  for (const int signal : {SIGINT, SIGHUP}) {
    const TemporaryDirectory folder;
    const ProgramResult stopped = train(folder.path(), {}, signal_after(signal, 5, folder.path()));
    INFO(stopped.err);
    REQUIRE(stopped.exit_code == 130);
    CHECK_THAT(stopped.err, Catch::Contains("stopped; --resume goes on from here"));
    REQUIRE(step_of(folder / "run/last.safetensors") % kStepsPerEpoch != 0);
    require_success(train(folder.path(), {"--resume"}));
    check_same_as_undisturbed(folder / "run", finished_run());
  }
}

TEST_CASE(
    "tern-train: stopped in both epochs, with Adam and augmentation, it still ends with the same bytes") {
  const std::vector<std::string> recipe{"--set", "optimizer.name=adam",
                                        "--set", "input.crop=random",
                                        "--set", "input.padding=4",
                                        "--set", "input.flip=true",
                                        "--set", "schedule.per=step",
                                        "--set", "data.workers=3",
                                        "--set", "augmentation.flip_mode=alternating",
                                        "--set", "augmentation.padding_mode=reflect",
                                        "--set", "augmentation.cutout=6",
                                        "--set", "augmentation.mixup=0.5",
                                        "--set", "augmentation.cutmix=1"};
  std::vector<std::string> resume = recipe;
  resume.push_back("--resume");
  const TemporaryDirectory undisturbed, folder;
  require_success(train(undisturbed.path(), recipe));
  REQUIRE(train(folder.path(), recipe, signal_after(SIGTERM, 7, folder.path())).exit_code == 130);
  REQUIRE(train(folder.path(), resume, signal_after(SIGINT, kStepsPerEpoch + 9, folder.path())).exit_code ==
          130);
  REQUIRE(step_of(folder / "run/last.safetensors") > kStepsPerEpoch);
  require_success(train(folder.path(), resume));
  check_same_as_undisturbed(folder / "run", undisturbed / "run");
}

TEST_CASE("tern-train: in bf16 it learns, and stopped and resumed it ends with the same bytes") {
  const TemporaryDirectory undisturbed, folder;
  require_success(train(undisturbed.path(), {"--set", "precision=bf16"}));
  REQUIRE(
      train(folder.path(), {"--set", "precision=bf16"}, signal_after(SIGINT, 5, folder.path())).exit_code ==
      130);
  require_success(train(folder.path(), {"--set", "precision=bf16", "--resume"}));
  check_same_as_undisturbed(folder / "run", undisturbed / "run");
  CHECK(tensor_bytes(folder / "run/last.safetensors") != tensor_bytes(finished_run() / "last.safetensors"));
  const auto loss_of = [&](std::size_t epoch) {
    return std::stod(split_at_commas(lines_of(folder / "run/metrics.csv").at(epoch)).at(2));
  };
  REQUIRE(split_at_commas(lines_of(folder / "run/metrics.csv").at(0)).at(2) == "train_loss");
  CHECK(loss_of(2) < loss_of(1));
}

TEST_CASE("tern-train: killed outright, it goes on from the last checkpoint and ends with the same bytes",
          "[plain]") {
  const std::vector<std::string> often{"--set", "checkpoint.every_steps=8"};
  const TemporaryDirectory undisturbed, folder;
  require_success(train(undisturbed.path(), often));
  const ProgramResult killed = train(folder.path(), often, signal_after(SIGKILL, 20, folder.path()));
  REQUIRE(killed.signal == SIGKILL);
  const int step = step_of(folder / "run/last.safetensors");
  CHECK(step >= 16);
  REQUIRE(step < 2 * kStepsPerEpoch);
  require_success(train(folder.path(), {"--set", "checkpoint.every_steps=8", "--resume"}));
  check_same_as_undisturbed(folder / "run", undisturbed / "run");
}

TEST_CASE("tern-train: --resume of a finished run changes nothing, and trains on if there are more epochs") {
  const TemporaryDirectory folder;
  fs::copy(finished_run(), folder / "run");
  const ProgramResult again = train(folder.path(), {"--resume"});
  require_success(again);
  CHECK_THAT(again.err, Catch::Contains("run: all 2 epochs are done already"));
  check_same_as_undisturbed(folder / "run", finished_run());
  require_success(train(folder.path(), {"--resume", "--set", "training.epochs=3"}));
  CHECK(step_of(folder / "run/last.safetensors") == 3 * kStepsPerEpoch);
  CHECK(lines_of(folder / "run/metrics.csv").size() == 4);
}

TEST_CASE("tern-train: early stopping is said, in the report too, and a larger patience trains on") {
  const TemporaryDirectory folder;
  // Without batch norms, and with steps that change nothing, the first epoch is the best.
  const auto with_patience = [](const std::string& patience) {
    return std::vector<std::string>{"--set", "model=mlp",          "--set", "input.channels=1",
                                    "--set", "input.size=28",      "--set", "input.resize=28",
                                    "--set", "optimizer.lr=1e-30", "--set", "training.batch_size=50",
                                    "--set", "training.epochs=4",  "--set", "training.patience=" + patience};
  };
  const ProgramResult stopped = train(folder.path(), with_patience("1"));
  require_success(stopped);
  CHECK_THAT(stopped.err, Catch::Contains("stopped early after epoch 2: in 1 epochs no better"));
  CHECK_THAT(read_bytes(folder / "run/report.html"), Catch::Contains("stopped early after epoch 2"));
  std::vector<std::string> more = with_patience("2");
  more.emplace_back("--resume");
  require_success(train(folder.path(), more));
  CHECK(step_of(folder / "run/last.safetensors") == 3 * kTrainingImages / 50);
}

TEST_CASE("tern-train: a run that blows up names epoch, step and layer, and keeps the checkpoint",
          "[plain]") {
  struct Case {
    std::string lr, every_steps;
    int failing_step;  // of the third epoch
  };
  // The first leaves finite weights, whose activations overflow a step later; the second leaves infinite
  // weights, which must not become a checkpoint.
  for (const Case& blow_up : {Case{"1e30", "0", 2}, Case{"1e300", "1", 1}}) {
    const TemporaryDirectory folder;
    fs::copy(finished_run(), folder / "run");
    const ProgramResult result =
        train(folder.path(), {"--resume", "--force", "schedule", "--set", "training.epochs=3", "--set",
                              "schedule.name=constant", "--set", "optimizer.lr=" + blow_up.lr, "--set",
                              "checkpoint.every_steps=" + blow_up.every_steps});
    const int step = 2 * kStepsPerEpoch + blow_up.failing_step;
    check_refused(result, {"epoch 3, step " + std::to_string(step) + ": features.", "optimizer.lr"});
    CHECK(read_bytes(folder / "run/last.safetensors") == read_bytes(finished_run() / "last.safetensors"));
    require_success(train(folder.path(), {"--resume", "--set", "training.epochs=3"}));
  }
}

TEST_CASE(
    "tern-train: --resume names every difference to the run's beginning, and takes those that are forced") {
  const TemporaryDirectory folder;
  fs::copy(finished_run(), folder / "run");
  const std::vector<std::string> other{
      "--resume",           "--set", "training.epochs=3",     "--set", "seed=5", "--set",
      "optimizer.lr=0.002", "--set", "optimizer.momentum=0.5"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), other.begin(), other.end());
    return train(folder.path(), more);
  };
  const ProgramResult refused = with({});
  check_refused(refused, {"seed: 1 then, 5 now", "optimizer.momentum: 0.9 then, 0.5 now", "--force seed",
                          "--force optimizer.momentum"});
  CHECK_THAT(refused.err, !Catch::Contains("optimizer.lr") && !Catch::Contains("epochs"));
  check_refused(with({"--force", "seed"}), {"optimizer.momentum"});
  check_refused(with({"--force", "seed", "--force", "optimizer", "--set", "training.batch_size=4"}),
                {"training.batch_size: 8 then, 4 now (cannot be forced"});
  require_success(with({"--force", "seed", "--force", "optimizer"}));
  CHECK(lines_of(folder / "run/metrics.csv").size() == 4);
}

TEST_CASE(
    "tern-train: --resume on other images or classes is refused, and on the same ones elsewhere is not") {
  const TemporaryDirectory folder;
  fs::copy(finished_run(), folder / "run");
  fs::copy(digits(), folder / "data", fs::copy_options::recursive);
  const std::vector<std::string> resume{"--resume", "--set", "data.path=" + (folder / "data").string()};
  require_success(train(folder.path(), resume));
  fs::remove(fs::directory_iterator(folder / "data/test/3")->path());
  check_refused(train(folder.path(), resume), {"data.validation: 60 images of checksum", "59 of "});
  for (const char* split : {"train", "test"}) {
    fs::rename(folder / "data" / split / "0", folder / "data" / split / "zero");
  }
  check_refused(train(folder.path(), resume),
                {"classes: 0 only in the checkpoint; zero only in the data", "data.train: "});
  for (const char* split : {"train", "test"}) {
    fs::copy(folder / "data" / split / "zero", folder / "data" / split / "0", fs::copy_options::recursive);
  }
  check_refused(train(folder.path(), resume), {"classes: zero only in the data (cannot be forced"});
}

TEST_CASE("tern-train: a folder in which another run is at work is refused, and stays as it is") {
  const TemporaryDirectory folder;
  fs::copy(finished_run(), folder / "run");
  const FileLock lock(folder / "run/run.lock");
  check_refused(train(folder.path(), {"--resume", "--set", "training.epochs=3"}),
                {"is in use by \"process " + std::to_string(getpid())});
  CHECK(lines_of(folder / "run/metrics.csv").size() == 3);
}

TEST_CASE("tern-train: a folder that holds its configuration is no output, nor is its own model a teacher") {
  const TemporaryDirectory folder;
  check_refused(train(folder.path(), {"--set", "output=."}), {"holds a config.json", "another folder"});
  CHECK(read_bytes(folder / "config.json") == small_config());
  fs::copy(finished_run(), folder / "run");
  check_refused(train(folder.path(), {"--resume", "--set", "training.loss=distillation", "--set",
                                      "training.teacher=run/best.safetensors"}),
                {"training.teacher", "is a file of this run"});
}

}  // namespace
}  // namespace tern::test
