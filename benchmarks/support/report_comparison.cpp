#include "tern/benchmarks/support/report_comparison.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tern/core/error.h"
#include "tern/core/strict_json.h"
#include "tern/data/read_file.h"

namespace tern::bench {
namespace {

constexpr std::uint64_t kLargestReport = 64U << 20;  // bytes

struct Times {
  double median, lower_quartile, upper_quartile;
};

/// The verified rows by all that must be equal for times to be comparable.
std::map<std::string, Times> times_by_key(const nlohmann::ordered_json& report) {
  std::map<std::string, Times> times;
  for (const auto& row : report.at("rows")) {
    if (!row.at("verified").get<bool>()) continue;
    const auto text = [&row](const char* field) { return row.at(field).get<std::string>(); };
    const std::string key = fmt::format("{} {} {} on {}, {} threads", text("case"), text("implementation"),
                                        text("shape"), text("device"), row.at("threads").get<int>());
    const auto& quartiles = row.at("quartile_seconds");
    times[key] = {row.at("median_seconds"), quartiles.at(0), quartiles.at(1)};
  }
  return times;
}

/// Reports older than that field have none.
std::string commit_of(const nlohmann::ordered_json& report) {
  return report.at("machine").value("commit", "unknown");
}

std::string list_missing(const std::map<std::string, Times>& from, const std::map<std::string, Times>& in,
                         const char* where) {
  std::string text;
  for (const auto& [key, unused] : from) {
    if (in.count(key) == 0) text += fmt::format("only in {}: {}\n", where, key);
  }
  return text;
}

}  // namespace

nlohmann::ordered_json read_report(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path, kLargestReport);
  const Json report = parse_strict_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  try {
    times_by_key(report);
    commit_of(report);
  } catch (const nlohmann::json::exception& e) {
    throw DataError(fmt::format("{}: not a report of tern-bench --json: {}", path, e.what()));
  }
  return report;
}

std::string compare_reports(const nlohmann::ordered_json& now, const nlohmann::ordered_json& before) {
  const auto new_times = times_by_key(now), old_times = times_by_key(before);
  std::string text = fmt::format("commit {} against {}\n", commit_of(now), commit_of(before));
  int slower = 0, compared = 0;
  for (const auto& [key, current] : new_times) {
    const auto found = old_times.find(key);
    if (found == old_times.end()) continue;
    const Times& old = found->second;
    const bool is_slower = current.lower_quartile > old.upper_quartile;
    const bool is_faster = current.upper_quartile < old.lower_quartile;
    text += fmt::format("{:>7.3f} x the time  {:<7} {}\n", current.median / old.median,
                        is_slower   ? "SLOWER"
                        : is_faster ? "faster"
                                    : "",
                        key);
    slower += is_slower ? 1 : 0;
    ++compared;
  }
  text += fmt::format("{} of {} rows are slower\n", slower, compared);
  return text + list_missing(new_times, old_times, "the new report") +
         list_missing(old_times, new_times, "the old report");
}

}  // namespace tern::bench
