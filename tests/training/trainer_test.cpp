#include "tern/training/trainer.h"

#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "tern/core/error.h"
#include "tern/layers/autograd/tape.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/training/small_training.h"

namespace tern {
namespace {

using Catch::Contains;
using Catch::StartsWith;
using test::SmallTraining;
using test::TemporaryDirectory;

TrainerOptions three_epochs(double ema_decay = 0) {
  return {.epochs = 3, .lr = 0.1, .ema_decay = ema_decay, .log_every_steps = 1};
}

/// Writes down what it is told.
class Recorder final : public TrainingObserver {
 public:
  void epoch_started(const RunProgress& progress) override {
    note("start {} at {}", progress.epoch, progress.batch);
  }
  void step_done(const RunProgress& progress, std::int64_t samples) override {
    note("step {} of {}", progress.step, samples);
  }
  void best_epoch(const EpochMetrics& metrics, const Evaluation& validation) override {
    note("best {} of {}", metrics.epoch, validation.samples);
  }
  void epoch_done(const EpochMetrics& metrics) override {
    note("epoch {}", metrics.epoch);
    last = metrics;
  }
  void epoch_saved(const EpochMetrics& metrics) override { note("saved {}", metrics.epoch); }

  std::vector<std::string> notes;
  EpochMetrics last;

 private:
  template <class... T>
  void note(fmt::format_string<T...> format, T&&... values) {
    notes.push_back(fmt::format(format, std::forward<T>(values)...));
  }
};

struct Trained {
  std::vector<float> weights;
  bool finished, stopped_early;
};

/// Trains with `folder` until `stop_at` steps are done or the end.
Trained train(RunFolder& folder, std::int64_t stop_at, const TrainerOptions& options) {
  SmallTraining small;
  std::optional<Trainer> trainer;
  trainer.emplace(TrainerParts{.network = small.network,
                               .optimizer = small.optimizer,
                               .training = small.training,
                               .validation = small.validation,
                               .folder = &folder,
                               .stop = [&] { return trainer->progress().step == stop_at; }},
                  options);
  const bool finished = trainer->run();
  return {small.weight(), finished, trainer->stopped_early()};
}

/// The same for three epochs, of twelve steps; returns the weights.
std::vector<float> train(RunFolder& folder, std::int64_t stop_at, double ema_decay = 0) {
  const Trained trained = train(folder, stop_at, three_epochs(ema_decay));
  CHECK(trained.finished == (stop_at > 12));
  return trained.weights;
}

TEST_CASE("trainer: a network of one's own learns, and nothing is saved") {
  SmallTraining small;
  Trainer trainer({small.network, small.optimizer, small.training, small.validation},
                  {.epochs = 5, .lr = 0.1});
  CHECK(trainer.run());
  CHECK(trainer.progress().epoch == 5);
  CHECK(trainer.progress().step == 20);
  CHECK(evaluate(small.network, small.validation).accuracy() == 1.0);
}

TEST_CASE("trainer: an observer hears of steps and epochs in their order") {
  SmallTraining small;
  Recorder recorder;
  TrainerParts parts{small.network, small.optimizer, small.training, small.validation};
  parts.observer = &recorder;
  Trainer(parts, {.epochs = 2, .lr = 0.1}).run();
  CHECK(recorder.notes == std::vector<std::string>{"start 0 at 0", "step 1 of 10", "step 2 of 10",
                                                   "step 3 of 10", "step 4 of 10", "best 1 of 40", "epoch 1",
                                                   "start 1 at 0", "step 5 of 10", "step 6 of 10",
                                                   "step 7 of 10", "step 8 of 10", "epoch 2"});
  CHECK(recorder.last.step == 8);
  CHECK(recorder.last.lr == 0.1);
  CHECK(recorder.last.validation_accuracy == evaluate(small.network, small.validation).accuracy());
}

TEST_CASE("trainer: stopped at any step and resumed, it ends with the bits of one that never stopped") {
  const double ema_decay = GENERATE(0.0, 0.9);
  const TemporaryDirectory directory;
  RunFolder whole(directory / "whole");
  const std::vector<float> expected = train(whole, 13, ema_decay);
  for (const std::int64_t stop_at : {1, 4, 6, 11}) {
    INFO("average of decay " << ema_decay << ", stopped at " << stop_at);
    const std::string path = directory / std::to_string(stop_at);
    {
      RunFolder stopped(path);
      train(stopped, stop_at, ema_decay);
    }
    RunFolder resumed(path, RunStart::resume);
    CHECK(train(resumed, 13, ema_decay) == expected);
    CHECK(resumed.log().metrics().epochs.size() == 3);
    CHECK(resumed.log().metrics().epochs.back().train_loss == whole.log().metrics().epochs.back().train_loss);
  }
}

/// A rate so small that the accuracy of the first epoch is not bettered.
TrainerOptions patient(std::int64_t patience) {
  return {.epochs = 6, .patience = patience, .lr = 1e-9, .log_every_steps = 1};
}

TEST_CASE("trainer: it ends after as many epochs without a better accuracy as patience allows") {
  SmallTraining small;
  Trainer trainer({small.network, small.optimizer, small.training, small.validation}, patient(2));
  CHECK_FALSE(trainer.stopped_early());
  CHECK(trainer.run());
  CHECK(trainer.stopped_early());
  CHECK(trainer.progress().epoch == 3);
  CHECK(trainer.progress().epochs_since_best == 2);
  Trainer impatient({small.network, small.optimizer, small.training, small.validation}, patient(0));
  CHECK(impatient.run());
  CHECK_FALSE(impatient.stopped_early());
  CHECK(impatient.progress().epoch == 6);
}

TEST_CASE("trainer: resumed, it stops early at the same epoch with the same bits, and says so once") {
  const TemporaryDirectory directory;
  const auto train_patiently = [&](const std::string& name, RunStart start, std::int64_t stop_at) {
    RunFolder folder(directory / name, start);
    const Trained trained = train(folder, stop_at, patient(2));
    CHECK(trained.stopped_early == (stop_at < 0));
    return trained.weights;
  };
  const std::vector<float> expected = train_patiently("whole", RunStart::anew, -1);
  for (const std::int64_t stop_at : {3, 4, 8, 10}) {
    INFO(stop_at);
    const std::string name = std::to_string(stop_at);
    train_patiently(name, RunStart::anew, stop_at);
    CHECK(train_patiently(name, RunStart::resume, -1) == expected);
    CHECK(train_patiently(name, RunStart::resume, -1) == expected);  // a finished run
    const std::vector<std::string> log = read_complete_lines(directory / name / "log.jsonl");
    REQUIRE(log.size() == 13);
    CHECK_THAT(log.back(), StartsWith(R"({"event":"early_stop","step":12,"epoch":3,"best_epoch":1,)"));
  }
}

TEST_CASE("trainer: an average of the weights is measured and saved, and the weights train on") {
  const TemporaryDirectory directory;
  RunFolder plain(directory / "plain"), averaged(directory / "averaged");
  const std::vector<float> trained = train(plain, 13), average = train(averaged, 13, 0.9);
  CHECK(average != trained);
  const SafetensorsFile last = SafetensorsFile::open(averaged.last_model());
  CHECK(last.read("linear.weight").to_vector<float>() == average);
  const RunState state = load_run_state(state_path(averaged.path(), 3, 12));
  CHECK(state.network.at("linear.weight").to_vector<float>() == trained);
  CHECK(averaged.log().metrics().epochs.front().train_loss ==
        plain.log().metrics().epochs.front().train_loss);
  CHECK(averaged.log().metrics().epochs.front().validation_loss !=
        plain.log().metrics().epochs.front().validation_loss);
}

TEST_CASE("trainer: a run with an average is not resumed without it, nor one without it with it") {
  const TemporaryDirectory directory;
  for (const double ema_decay : {0.0, 0.9}) {
    const std::string path = directory / std::to_string(ema_decay);
    {
      RunFolder folder(path);
      train(folder, 2, ema_decay);
    }
    RunFolder resumed(path, RunStart::resume);
    CHECK_THROWS_WITH(train(resumed, 13, 0.9 - ema_decay), Contains("training.ema_decay"));
  }
}

TEST_CASE("trainer: an epoch is saved after it is measured") {
  const TemporaryDirectory directory;
  SmallTraining small;
  Recorder recorder;
  RunFolder folder(directory / "run");
  TrainerParts parts{small.network, small.optimizer, small.training, small.validation};
  parts.observer = &recorder;
  parts.folder = &folder;
  Trainer(parts, {.epochs = 1, .lr = 0.1}).run();
  REQUIRE(recorder.notes.size() == 8);
  CHECK(recorder.notes[5] == "best 1 of 40");
  CHECK(recorder.notes[6] == "epoch 1");
  CHECK(recorder.notes[7] == "saved 1");
}

/// Ends the run at the n-th write of a model, before or after it, as a kill would.
struct Killed {};
ModelWriter killed_at(int write, bool before) {
  auto count = std::make_shared<int>(0);
  return [=](const std::string& path, const Module& network, const Metadata& position) {
    const bool now = ++*count == write;
    if (now && before) throw Killed();
    write_state_dict(path, network, position);
    if (now) throw Killed();
  };
}

std::string without_times(const Metrics& metrics) {
  std::string text;
  for (EpochMetrics row : metrics.epochs) {
    row.seconds = row.images_per_second = 0;
    text += metrics_csv_row(row) + "\n";
  }
  return text;
}

TEST_CASE("trainer: killed before or after any write of a model, a run can be resumed and ends the same") {
  const TemporaryDirectory directory;
  RunFolder whole(directory / "whole");
  const std::vector<float> expected = train(whole, 13);
  int completed = 0;
  for (int write = 1; completed == 0; ++write) {
    for (const bool before : {true, false}) {
      INFO("write " << write << (before ? ", before" : ", after"));
      const std::string path = directory / fmt::format("{}-{}", write, before);
      try {
        RunFolder killed(path, RunStart::anew, {.write_model = killed_at(write, before)});
        train(killed, 13);
        ++completed;
        continue;
      } catch (const Killed&) {
      }
      const bool nothing_yet = write == 1 && before;
      RunFolder resumed(path, nothing_yet ? RunStart::anew : RunStart::resume);
      CHECK(train(resumed, 13) == expected);
      CHECK(without_times(resumed.log().metrics()) == without_times(whole.log().metrics()));
      for (const char* name : {"last.safetensors", "best.safetensors"}) {
        CHECK(test::read_bytes(path + "/" + name) == test::read_bytes(directory / "whole" / name));
      }
    }
  }
  CHECK(completed == 2);
}

TEST_CASE("trainer: what ends a validation costs no epoch") {
  const TemporaryDirectory directory;
  const auto train_until_validation = [&](RunStart start, const std::function<bool()>& stop) {
    SmallTraining small;
    RunFolder folder(directory / "run", start);
    Trainer trainer({.network = small.network,
                     .optimizer = small.optimizer,
                     .training = small.training,
                     .validation = small.validation,
                     .folder = &folder,
                     .stop = stop},
                    three_epochs());
    const std::int64_t first_step = trainer.progress().step;
    CHECK_FALSE(trainer.run());
    return first_step;
  };
  // Asked before the epoch, after each of its 4 steps, and before each batch of the validation.
  int asked = 0;
  train_until_validation(RunStart::anew, [&] { return ++asked == 7; });
  CHECK(train_until_validation(RunStart::resume, [] { return true; }) == 4);
}

TEST_CASE("trainer: a checkpoint is written on request, and the training goes on") {
  const TemporaryDirectory directory;
  SmallTraining small;
  RunFolder folder(directory / "run");
  std::int64_t asked = 0;
  bool saved = false;
  Trainer trainer({.network = small.network,
                   .optimizer = small.optimizer,
                   .training = small.training,
                   .validation = small.validation,
                   .folder = &folder,
                   .stop =
                       [&] {
                         saved |= std::filesystem::exists(directory / "run/state-0-2.safetensors");
                         return false;
                       },
                   .save = [&] { return ++asked == 2; }},
                  three_epochs());
  CHECK(trainer.run());
  CHECK(saved);
}

TEST_CASE("trainer: a loss that is not a number names epoch and step and leaves the last checkpoint") {
  const TemporaryDirectory directory;
  SmallTraining small;
  RunFolder folder(directory / "run");
  std::int64_t calls = 0;
  const Loss nan_in_step_6 = [&](const Variable& logits, const Batch& batch) {
    const Variable loss = cross_entropy_loss()(logits, batch);
    if (++calls < 6) return loss;
    return Tape::record("nan", Tensor::full(Shape{}, std::numeric_limits<float>::quiet_NaN()), {loss}, {},
                        [](const Tensor& dy, const Saved&) { return std::vector<Tensor>{dy}; });
  };
  Trainer trainer({.network = small.network,
                   .optimizer = small.optimizer,
                   .training = small.training,
                   .validation = small.validation,
                   .loss = nan_in_step_6,
                   .folder = &folder},
                  three_epochs());
  CHECK_THROWS_WITH(trainer.run(), StartsWith("epoch 2, step 6: "));
  CHECK(std::filesystem::exists(directory / "run/state-1-4.safetensors"));
}

}  // namespace
}  // namespace tern
