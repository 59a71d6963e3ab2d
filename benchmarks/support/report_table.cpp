#include "tern/benchmarks/support/report_table.h"

#include <fmt/format.h>

#include <string_view>

namespace tern::bench {
namespace {

constexpr std::string_view kLine = "{:<44} {:<20} {:>10} {:>7} {:>8} {:>8} {:>7}  {}";

/// Three significant digits with a unit.
std::string duration(double seconds) {
  if (seconds < 1e-6) return fmt::format("{:.0f} ns", seconds * 1e9);
  if (seconds < 1e-3) return fmt::format("{:.1f} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.2f} ms", seconds * 1e3);
  return fmt::format("{:.2f} s", seconds);
}

std::string spread(const Timing& timing) {
  return fmt::format("{:.1f} %", 100 * (timing.upper_quartile - timing.lower_quartile) / timing.median);
}

std::string or_dash(double value, int decimals) {
  return value == 0 ? "-" : fmt::format("{:.{}f}", value, decimals);
}

std::string line(const std::string& name, const std::string& implementation, const std::string& time,
                 const std::string& time_spread, const std::string& gmacs, const std::string& gbs,
                 const std::string& peak, const std::string& code) {
  std::string text =
      fmt::format(fmt::runtime(kLine), name, implementation, time, time_spread, gmacs, gbs, peak, code);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace

std::string peaks_line(const Peaks& peaks) {
  std::string text;
  for (const auto& [peak, value] : peaks) {
    text += fmt::format("{}{} {:.1f}", text.empty() ? "" : ", ", to_string(peak), value);
  }
  return text;
}

std::string table_header() {
  return line("case", "implementation", "median", "spread", "GMAC/s", "GB/s", "% peak", "code");
}

std::string table_line(const Row& row) {
  if (!row.verified) {
    return fmt::format("{:<44} {:<20} {}: {}\n", row.case_name, row.implementation,
                       row.skipped ? "skipped" : "WRONG", row.problem);
  }
  return line(row.case_name, row.implementation, duration(row.timing.median), spread(row.timing),
              or_dash(row.gmac_per_second(), 1), or_dash(row.gb_per_second(), 1),
              or_dash(100 * row.fraction_of_peak, 0), row.code);
}

}  // namespace tern::bench
