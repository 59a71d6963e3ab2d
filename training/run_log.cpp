#include "tern/training/run_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "tern/core/error.h"
#include "tern/core/strict_json.h"

namespace tern {
namespace {

std::int64_t step_of_event(const std::string& line, const std::string& where) {
  const Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  const bool is_event = event.is_object() && event.contains("step") && event["step"].is_number_integer();
  require<DataError>(is_event, "{}: not an event of a run: {}", where, line.substr(0, 60));
  return event["step"].get<std::int64_t>();
}

/// Bytes of log.jsonl up to the end of `step`.
std::uintmax_t log_bytes_until(const std::string& path, std::int64_t step) {
  std::uintmax_t bytes = 0;
  std::int64_t number = 0;
  for (const std::string& line : read_complete_lines(path)) {
    if (step_of_event(line, fmt::format("{}, line {}", path, ++number)) > step) break;
    bytes += line.size() + 1;
  }
  return bytes;
}

/// Bytes of metrics.csv up to the end of `step`; its rows go to `metrics`.
std::uintmax_t csv_bytes_until(const std::string& path, std::int64_t step, Metrics& metrics) {
  const std::vector<std::string> lines = read_complete_lines(path);
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
               std::optional<std::int64_t> resume_step)
    : metrics_{std::move(layers), {}},
      log_(log_path(folder), resume_step ? log_bytes_until(log_path(folder), *resume_step) : 0),
      csv_(csv_path(folder), resume_step ? csv_bytes_until(csv_path(folder), *resume_step, metrics_) : 0) {
  if (read_complete_lines(csv_path(folder)).empty()) csv_.append(metrics_csv_header(metrics_.layers));
}

void RunLog::event(std::string_view event, std::int64_t step, const std::vector<LogField>& fields) {
  Json line = {{"event", event}, {"step", step}};
  for (const LogField& field : fields) line[field.name] = json_of(field);
  line["time"] = utc_now();
  // A path in a message may be in any encoding; the log must stay readable.
  log_.append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void RunLog::epoch(const EpochMetrics& metrics) {
  require<ShapeError>(metrics.zeros.size() == metrics_.layers.size(),
                      "metrics.csv: zeros of {} layers, but the run has {}", metrics.zeros.size(),
                      metrics_.layers.size());
  csv_.append(metrics_csv_row(metrics));
  metrics_.epochs.push_back(metrics);
}

}  // namespace tern
