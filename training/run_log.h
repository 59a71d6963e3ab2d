// The record of a run in its folder: log.jsonl, an event a line, and metrics.csv, an epoch a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tern/training/append_file.h"
#include "tern/training/metrics.h"
#include "tern/training/run_state.h"

namespace tern {

/// A member of an event. A number that is not finite becomes null, since JSON has no NaN.
struct LogField {
  std::string name;
  std::variant<std::int64_t, double, bool, std::string> value;
};

class RunLog {
 public:
  /// Opens both files in `folder`, which must exist. `layers` names the ternary layers in metrics.csv.
  ///
  /// Without `resume_step` the files begin anew. With it they are cut after the last line whose step is at
  /// most resume_step, so that a resumed run ends with the files of one that never stopped, times apart. For
  /// that, what belongs to a step must be written before the checkpoint of that step. With `csv`, the text()
  /// that a checkpoint kept, metrics.csv is written anew from it, whatever it held.
  ///
  /// Throws DataError if a file cannot be written, or, when resuming, if it holds a line that is not a log's
  /// or the columns of another network.
  RunLog(const std::string& folder, std::vector<std::string> layers,
         std::optional<std::int64_t> resume_step = {}, const std::string& csv = {});

  /// Appends {"event": event, "step": step, fields..., "time": UTC} to log.jsonl. Steps never decrease.
  void event(std::string_view event, std::int64_t step, const std::vector<LogField>& fields = {});

  /// Appends the event "early_stop" with the epoch and that of the best accuracy, unless it ends the log
  /// already: a finished run may be resumed.
  void early_stop(const RunProgress& progress);

  /// Appends a row to metrics.csv; `metrics` has a value in `zeros` for each layer.
  void epoch(const EpochMetrics& metrics);

  /// The two halves of epoch(), for a checkpoint between them: the row is known; then it is in the file.
  void add_epoch(const EpochMetrics& metrics);
  void write_added_epochs();

  /// Makes both files survive a power failure.
  void sync();

  /// All rows of metrics.csv, those before a resumption among them.
  const Metrics& metrics() const { return metrics_; }

 private:
  Metrics metrics_;
  std::string last_event_;  // of log.jsonl
  AppendFile log_;
  AppendFile csv_;
  std::size_t rows_written_ = 0;
};

/// What metrics.csv holds of `metrics`.
std::string metrics_csv_text(const Metrics& metrics);

}  // namespace tern
