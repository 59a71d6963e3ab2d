#include "tern/apps/training_display.h"

#include <fmt/ranges.h>

#include <filesystem>
#include <utility>

#include "tern/apps/report/report.h"

namespace tern {

TrainingDisplay::TrainingDisplay(std::int64_t epochs, const Loader& training, const Loader& validation,
                                 RunFolder& folder, std::string config_json)
    : epochs_(epochs),
      reported_{{{training, 0}, {validation, 0}}},
      folder_(folder),
      config_json_(std::move(config_json)),
      progress_(epochs, training.batch_count(), stderr_output()) {}

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
                      .note = note_});
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
