#include "tern/training/run_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tern/core/atomic_file.h"
#include "tern/core/error.h"
#include "tern/core/strict_json.h"

namespace tern {
namespace {

constexpr const char* kEarlyStop = "early_stop";

Json parse_event(const std::string& line, const std::string& where) {
  Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  const bool is_event = event.is_object() && event.contains("step") && event["step"].is_number_integer();
  require<DataError>(is_event, "{}: not an event of a run: {}", where, line.substr(0, 60));
  return event;
}

/// Bytes of log.jsonl up to the end of `step`, whose last event goes to `last_event`.
std::uintmax_t log_bytes_until(const std::string& path, std::int64_t step, std::string& last_event) {
  std::uintmax_t bytes = 0;
  std::int64_t number = 0;
  for (const std::string& line : read_complete_lines(path)) {
    const Json event = parse_event(line, fmt::format("{}, line {}", path, ++number));
    if (event["step"].get<std::int64_t>() > step) break;
    last_event = event.value("event", "");
    bytes += line.size() + 1;
  }
  return bytes;
}

/// Bytes of the `lines` of metrics.csv up to the end of `step`; their rows go to `metrics`.
std::uintmax_t csv_bytes_until(const std::vector<std::string>& lines, const std::string& path,
                               std::int64_t step, Metrics& metrics) {
  if (lines.empty()) return 0;
  require<DataError>(lines.front() == metrics_csv_header(metrics.layers),
                     "{}, line 1: the columns are not those of this network; move the file away", path);
  std::uintmax_t bytes = lines.front().size() + 1;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string where = fmt::format("{}, line {}", path, i + 1);
    EpochMetrics row = parse_metrics_csv_row(lines[i], metrics.layers.size(), where);
    if (row.step > step) break;
    metrics.epochs.push_back(std::move(row));
    bytes += lines[i].size() + 1;
  }
  return bytes;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
  return lines;
}

/// Reads `metrics`, from the checkpoint's `csv` if it has one, and returns how much of the file they are.
std::uintmax_t restore_csv(const std::string& path, std::int64_t step, const std::string& csv,
                           Metrics& metrics) {
  if (csv.empty()) return csv_bytes_until(read_complete_lines(path), path, step, metrics);
  csv_bytes_until(lines_of(csv), path, step, metrics);
  write_file_atomically(path, csv);
  return csv.size();
}

Json json_of(const LogField& field) {
  const auto to_json = [](const auto& value) -> Json { return value; };  // a non-finite number dumps as null
  return std::visit(to_json, field.value);
}

std::string utc_now() {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

std::string log_path(const std::string& folder) {
  return folder + "/log.jsonl";
}
std::string csv_path(const std::string& folder) {
  return folder + "/metrics.csv";
}

}  // namespace

RunLog::RunLog(const std::string& folder, std::vector<std::string> layers,
               std::optional<std::int64_t> resume_step, const std::string& csv)
    : metrics_{std::move(layers), {}},
      log_(log_path(folder), resume_step ? log_bytes_until(log_path(folder), *resume_step, last_event_) : 0),
      csv_(csv_path(folder), resume_step ? restore_csv(csv_path(folder), *resume_step, csv, metrics_) : 0),
      rows_written_(metrics_.epochs.size()) {
  if (read_complete_lines(csv_path(folder)).empty()) csv_.append(metrics_csv_header(metrics_.layers) + "\n");
}

void RunLog::event(std::string_view event, std::int64_t step, const std::vector<LogField>& fields) {
  Json line = {{"event", event}, {"step", step}};
  for (const LogField& field : fields) line[field.name] = json_of(field);
  line["time"] = utc_now();
  // A path in a message may be in any encoding; the log must stay readable.
  log_.append(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  last_event_ = event;
}

void RunLog::early_stop(const RunProgress& progress) {
  if (last_event_ == kEarlyStop) return;
  event(kEarlyStop, progress.step,
        {{"epoch", progress.epoch}, {"best_epoch", progress.epoch - progress.epochs_since_best}});
}

void RunLog::epoch(const EpochMetrics& metrics) {
  add_epoch(metrics);
  write_added_epochs();
}

void RunLog::add_epoch(const EpochMetrics& metrics) {
  require<ShapeError>(metrics.zeros.size() == metrics_.layers.size(),
                      "metrics.csv: zeros of {} layers, but the run has {}", metrics.zeros.size(),
                      metrics_.layers.size());
  metrics_.epochs.push_back(metrics);
}

void RunLog::write_added_epochs() {
  for (; rows_written_ < metrics_.epochs.size(); ++rows_written_) {
    csv_.append(metrics_csv_row(metrics_.epochs[rows_written_]) + "\n");
  }
}

void RunLog::sync() {
  log_.sync();
  csv_.sync();
}

std::string metrics_csv_text(const Metrics& metrics) {
  std::string text = metrics_csv_header(metrics.layers) + "\n";
  for (const EpochMetrics& row : metrics.epochs) text += metrics_csv_row(row) + "\n";
  return text;
}

}  // namespace tern
