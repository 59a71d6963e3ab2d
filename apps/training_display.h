// What tern-train shows of a run: progress and messages on the terminal, report.html in its folder.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "tern/apps/console/progress.h"
#include "tern/apps/report/confusion.h"
#include "tern/data/loader.h"
#include "tern/training/run_folder.h"
#include "tern/training/training_observer.h"

namespace tern {

class TrainingDisplay final : public TrainingObserver {
 public:
  /// `config_json` is what the report shows as the configuration. All references must outlive the display.
  /// A resumed run's report has the confusion matrix that the folder holds.
  TrainingDisplay(std::int64_t epochs, const Loader& training, const Loader& validation, RunFolder& folder,
                  std::string config_json, std::vector<std::string> class_names);

  /// Writes a line that stays.
  void message(std::string_view text) { progress_.message(text); }
  /// Says, on the terminal and in the report, that the run is at an end for lack of a better epoch.
  void stopped_early(const RunProgress& progress);
  /// Writes report.html of the epochs so far.
  void write_report() const;

  void epoch_started(const RunProgress& progress) override;
  void graph_given_up(const std::string& reason) override;
  void step_done(const RunProgress& progress, std::int64_t samples) override;
  /// Writes confusion.csv.
  void best_epoch(const EpochMetrics& metrics, const Evaluation& validation) override;
  void epoch_done(const EpochMetrics& metrics) override;
  void epoch_saved(const EpochMetrics& metrics) override;

 private:
  std::string confusion_path() const { return folder_.path() + "/confusion.csv"; }
  void read_confusion();
  /// Names the images that were left out since the last call.
  void report_bad_images();

  struct Reported {
    const Loader& loader;
    std::int64_t bad_images;
  };

  std::int64_t epochs_;
  std::array<Reported, 2> reported_;
  RunFolder& folder_;
  std::string config_json_;
  std::vector<std::string> class_names_;
  std::optional<ConfusionMatrix> confusion_;  // of the best epoch
  std::string note_;                          // of the report
  Progress progress_;
};

}  // namespace tern
