#include "tern/apps/training_display.h"

#include <fmt/ranges.h>

#include <filesystem>
#include <utility>

#include "tern/apps/report/report.h"
#include "tern/core/atomic_file.h"
#include "tern/core/error.h"
#include "tern/data/read_file.h"

namespace tern {

TrainingDisplay::TrainingDisplay(std::int64_t epochs, const Loader& training, const Loader& validation,
                                 RunFolder& folder, std::string config_json,
                                 std::vector<std::string> class_names)
    : epochs_(epochs),
      reported_{{{training, 0}, {validation, 0}}},
      folder_(folder),
      config_json_(std::move(config_json)),
      class_names_(std::move(class_names)),
      progress_(epochs, training.batch_count(), stderr_output()) {
  if (std::filesystem::exists(confusion_path())) read_confusion();
}

/// One that was written over costs the run nothing.
void TrainingDisplay::read_confusion() {
  constexpr std::uint64_t kMaxBytes = 1 << 28;
  try {
    const std::vector<std::uint8_t> bytes = read_file(confusion_path(), kMaxBytes);
    ConfusionMatrix confusion =
        parse_confusion_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, confusion_path());
    require<DataError>(confusion.classes == class_names_, "{}: is of other classes", confusion_path());
    confusion_ = std::move(confusion);
  } catch (const DataError& error) {
    message(fmt::format("{}; the report goes without it until an epoch is better", error.what()));
  }
}

/// Before the epoch is saved: a run that is killed in between repeats its validation.
void TrainingDisplay::best_epoch(const EpochMetrics&, const Evaluation& validation) {
  confusion_ = ConfusionMatrix{class_names_, validation.confusion};
  write_file_atomically(confusion_path(), confusion_csv(*confusion_));
}

void TrainingDisplay::epoch_started(const RunProgress& progress) {
  progress_.start_epoch(progress.epoch + 1, progress.batch);
}

void TrainingDisplay::step_done(const RunProgress& progress, std::int64_t samples) {
  progress_.advance(progress.batch, samples, progress.mean_loss(), progress.accuracy());
}

void TrainingDisplay::epoch_done(const EpochMetrics& metrics) {
  report_bad_images();
  message(fmt::format(
      "epoch {:>3}/{}  train loss {:.4f}  accuracy {:.2f} %  validation loss {:.4f}  accuracy {:.2f} %",
      metrics.epoch, epochs_, metrics.train_loss, 100 * metrics.train_accuracy, metrics.validation_loss,
      100 * metrics.validation_accuracy));
}

void TrainingDisplay::epoch_saved(const EpochMetrics&) {
  write_report();
}

void TrainingDisplay::graph_given_up(const std::string& reason) {
  message("without a CUDA graph (training.cuda_graph): " + reason);
}

void TrainingDisplay::stopped_early(const RunProgress& progress) {
  note_ = fmt::format(
      "stopped early after epoch {}: in {} epochs no better validation accuracy than the {:.2f} % of epoch "
      "{}; "
      "--resume with a larger training.patience trains on",
      progress.epoch, progress.epochs_since_best, 100 * progress.best_accuracy,
      progress.epoch - progress.epochs_since_best);
  message(note_);
  write_report();
}

void TrainingDisplay::write_report() const {
  tern::write_report(folder_.path() + "/report.html",
                     {.title = std::filesystem::path(folder_.path()).filename(),
                      .metrics = folder_.log().metrics(),
                      .config_json = config_json_,
                      .note = note_,
                      .confusion = confusion_ ? &*confusion_ : nullptr});
}

void TrainingDisplay::report_bad_images() {
  for (Reported& reported : reported_) {
    const BadImageLog& bad = reported.loader.bad_images();
    if (bad.count() == reported.bad_images) continue;
    reported.bad_images = bad.count();
    message(fmt::format("{} images cannot be decoded and are left out: {}", bad.count(),
                        fmt::join(bad.names(), ", ")));
  }
}

}  // namespace tern
