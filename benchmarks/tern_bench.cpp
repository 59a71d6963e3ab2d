// tern-bench [--list] [--filter REGEX] [--device DEVICE] [--threads N] [--json FILE] [--compare OLD.json]
// [--plot FILE.svg]: times of Tern's kernels and networks beside those of their peers. docs/benchmarks.md
// says how they are measured.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <regex>

#include "tern/apps/console/program.h"
#include "tern/benchmarks/kernels/onednn_convolution.h"
#include "tern/benchmarks/support/machine.h"
#include "tern/benchmarks/support/peak_probe.h"
#include "tern/benchmarks/support/report_comparison.h"
#include "tern/benchmarks/support/report_table.h"
#include "tern/benchmarks/support/roofline_plot.h"
#include "tern/benchmarks/support/run_case.h"
#include "tern/core/atomic_file.h"
#include "tern/core/device_choice.h"
#include "tern/core/error.h"
#include "tern/core/parallel.h"
#include "tern/kernels/cpu/packed/kernels.h"

namespace {

using namespace tern;
using namespace tern::bench;

struct Options {
  std::string filter, device = "cpu", json, compare, plot;
  int threads = 1;
  double seconds = 0.5;
  bool list = false, quick = false;
};

std::vector<Case> chosen_cases(const Options& options) {
  const Scale scale = options.quick ? Scale::small : Scale::full;
  if (options.filter.empty()) return cases(scale, true);
  std::regex filter;
  try {
    filter = options.filter;
  } catch (const std::regex_error& e) {
    throw ConfigError(
        fmt::format("--filter: \"{}\" is not a regular expression: {}", options.filter, e.what()));
  }
  std::vector<Case> chosen;
  for (Case& each : cases(scale, false)) {
    if (std::regex_search(each.name, filter)) chosen.push_back(std::move(each));
  }
  require<ConfigError>(!chosen.empty(), "--filter: no case matches \"{}\"; --list --filter . shows all",
                       options.filter);
  return chosen;
}

int list(const std::vector<Case>& chosen) {
  for (const Case& each : chosen) fmt::print("{:<44} {}\n", each.name, each.shape);
  return 0;
}

nlohmann::ordered_json report(const nlohmann::ordered_json& machine, const Peaks& peaks,
                              const std::vector<Row>& rows) {
  nlohmann::ordered_json json{{"machine", machine}, {"peaks", nlohmann::ordered_json::object()}};
  for (const auto& [peak, value] : peaks) json["peaks"][to_string(peak)] = value;
  json["rows"] = nlohmann::ordered_json::array();
  for (const Row& row : rows) json["rows"].push_back(to_json(row));
  return json;
}

/// `keep` gets the rows so far after each case, so that a run that is cut short leaves what it has.
std::vector<Row> run_cases(const std::vector<Case>& chosen, const RunOptions& options, const Peaks& peaks,
                           const std::function<void(const std::vector<Row>&)>& keep) {
  std::vector<Row> rows;
  fmt::print("{}", table_header());
  for (const Case& each : chosen) {
    for (Row& row : run_case(each, options, peaks)) {
      fmt::print("{}", table_line(row));
      rows.push_back(std::move(row));
    }
    std::fflush(stdout);
    keep(rows);
  }
  return rows;
}

int run(const Options& options) {
  const std::string instruction_set = packed::kernels().name;
  // Peers use all that the CPU has, unless the user holds Tern to less.
  const char* const wanted = std::getenv("TERN_CPU");
  const bool held = wanted != nullptr && hold_onednn(wanted);
  set_thread_count(options.threads);
  const std::vector<Case> chosen = chosen_cases(options);
  if (options.list) return list(chosen);
  nlohmann::ordered_json before;
  if (!options.compare.empty()) before = read_report(options.compare);  // refused before minutes of work
  const RunOptions how{resolve_device(options.device), options.threads, options.quick ? 0 : options.seconds};
  const nlohmann::ordered_json machine = describe_machine(how.device, instruction_set);
  fmt::print("{}\n", machine.dump());
  const Peaks peaks =
      options.quick ? Peaks{} : probe_peaks(how.device, instruction_set, held, options.seconds);
  fmt::print("peaks: {}\n\n", peaks_line(peaks));
  const std::vector<Row> rows = run_cases(chosen, how, peaks, [&](const std::vector<Row>& so_far) {
    if (options.json.empty()) return;
    write_file_atomically(options.json, report(machine, peaks, so_far).dump(2) + "\n");
  });
  if (!options.plot.empty()) write_file_atomically(options.plot, roofline_svg(rows, peaks));
  if (!options.compare.empty()) {
    fmt::print("\n{}", compare_reports(report(machine, peaks, rows), before));
  }
  require<Error>(none_wrong(rows), "results of rows marked WRONG are wrong");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine app("Measures Tern's kernels and networks beside their peers.", "tern-bench");
  Options options;
  app.flag("--list", options.list, "name the cases instead of measuring them");
  app.option("--filter", options.filter,
             "cases whose name contains a match of this regular expression; \".\" takes all "
             "(default: layers and networks)");
  app.option("--device", options.device, "cpu, cuda or cuda:N").show_default();
  app.option("--threads", options.threads, "CPU threads").in_range(1, 1024).show_default();
  app.option("--seconds", options.seconds, "time for each implementation of a case")
      .in_range(0.001, 3600.0)
      .show_default();
  app.flag("--quick", options.quick, "tiny problems, run once and verified; the times mean nothing");
  app.option("--json", options.json, "write the report here");
  app.option("--compare", options.compare, "an older report: print each row's time against it");
  app.option("--plot", options.plot, "draw the rows against the roofline into this SVG file");
  return run_program(app, argc, argv, [&] { return run(options); });
}
